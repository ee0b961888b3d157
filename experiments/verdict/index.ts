/**
 * @file How often the verdict is right, and which metric sees what: generators that were made on purpose, drawn again and
 * again, and checkpoints of real ones where there are any.
 *
 *     node --import tsx experiments/verdict/index.ts --data-dir path/to/mnist
 *
 * writes docs/verdict.json and docs/verdict.md, anew after each generator. No part of `npm run bench`. Flags:
 *
 *     --samples N      images of a look, 100 to 10,000; 1,000
 *     --draws N        how often each generator is drawn; 5
 *     --memorised      measures memorising too, and judges a generator of training images
 *     --only TEXT      only generators whose name holds it, any number of times
 *     --out PATH       where the results go, without an ending
 *     --checkpoint healthy=PATH    a checkpoint and the verdict that is right, or several with commas between; any number
 *                                  of times. One in RUN/checkpoints is judged by the looks of its run as well.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { format, resolveConfig } from 'prettier';
import seedrandom from 'seedrandom';
import { Engine } from '../../src/autograd/engine.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { Evaluator } from '../../src/evaluation/evaluator.js';
import { VERDICTS, type Diagnosis } from '../../src/evaluation/diagnosis.js';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../src/evaluation/limits.js';
import { diagnoseCheckpoint } from '../../src/training/checkpoint/checkpointDiagnosis.js';
import type { Checkpoint } from '../../src/training/checkpoint/checkpoints.js';
import { readDiagnoses } from '../../src/training/run/diagnosisLog.js';
import { runFiles } from '../../src/training/run/runFiles.js';
import { bundledClassifier, loadClassifier } from '../../src/training/checkpoint/trainedClassifier.js';
import { findCheckpoint } from '../../src/training/checkpoint/trainedGenerator.js';
import { commandOf } from './command.js';
import { real, type MadeGenerator } from './drawing.js';
import { MADE } from './made.js';
import { OTHERS } from './others.js';
import { countRight, LISTS, pageOf, sightRows, type Judged } from './page.js';
import { shareOut } from './sides.js';
import { SIGHTED } from './sight.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';

const OUT = 'docs/verdict';

const { values } = parseFlags(import.meta.url, {
  options: {
    'data-dir': { type: 'string' },
    samples: { type: 'string', default: '1000' },
    draws: { type: 'string', default: '5' },
    memorised: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: OUT },
    checkpoint: { type: 'string', multiple: true, default: [] },
  },
});

const folder = values['data-dir'];
if (folder === undefined) misuse('--data-dir names the folder of the four MNIST files');
const samples = whole('samples', LEAST_SAMPLES, MOST_SAMPLES);
const draws = whole('draws', 1, 1000);
const wanted = values.checkpoint.map(checkpointOf);

const device = await openDevice();
const engine = new Engine(device, { store: tuningFile() });
const [train, test] = await Promise.all([loadMnist(folder, 'train'), loadMnist(folder, 'test')]);
const sides = shareOut(train, test, samples, values.memorised);
const classifier = loadClassifier(engine, bundledClassifier('mnist/train') ?? '');
const evaluator = await Evaluator.create(engine, classifier.model, sides.real, { samples, heldOut: sides.heldOut });

const judged: Judged[] = [];
await judgeMade('seen', MADE);
await judgeMade('others', OTHERS);
if (values.memorised) {
  await judgeMade('others', [
    { name: 'training images', expected: ['healthy'], draw: (_, count, random) => real(sides.real, count, random) },
  ]);
}
for (const { expected, checkpoint, looks } of wanted) {
  const about = ['architecture', 'zDim', 'width'].map((key) => `${key} ${checkpoint.metadata.get(key) ?? '?'}`);
  const name = `${about.join(', ')}, iteration ${checkpoint.iteration}`;
  const diagnosis = await diagnoseCheckpoint(engine, evaluator, checkpoint, looks);
  await add({ list: 'trained', name, expected, diagnoses: [diagnosis] });
}
device.destroy();

async function judgeMade(list: keyof typeof LISTS, generators: readonly MadeGenerator[]): Promise<void> {
  for (const { name, expected, draw } of generators) {
    if (values.only.length > 0 && !values.only.some((text) => name.includes(text))) continue;
    const diagnoses: Diagnosis[] = [];
    for (let seed = 1; seed <= draws; seed++) {
      diagnoses.push(await evaluator.evaluateImages(draw(sides.shown, samples, seedrandom(`${name}/${seed}`))));
    }
    await add({ list, name, expected, diagnoses });
  }
}

/** Tells of a generator, and writes the results with it. */
async function add(one: Judged): Promise<void> {
  judged.push(one);
  const names = one.diagnoses.map(({ verdict }) => verdict.name);
  const reasons = one.diagnoses[0]?.verdict.reasons.join(', ') ?? '';
  console.log(`${countRight(one)}/${names.length}  ${one.name}: ${[...new Set(names)].join(', ')} — ${reasons}`);
  const command = commandOf(values, OUT);
  const rows = judged.map(({ list, name, expected, diagnoses }) => ({
    list,
    name,
    expected,
    verdicts: diagnoses.map(({ verdict }) => verdict.name),
    right: countRight({ list, name, expected, diagnoses }) / diagnoses.length,
    example: diagnoses[0],
  }));
  const sight = sightRows(judged).map(({ name, shares }) => ({
    name,
    seen: Object.fromEntries(shares.map((share, index) => [SIGHTED[index] ?? '', share])),
  }));
  const about = { samples, draws, note: sides.note, command, lists: LISTS };
  const result = { ...about, classifier: 'assets/mnist-classifier.safetensors', rows, sight };
  writeFileSync(`${values.out}.json`, await pretty(JSON.stringify(result), 'json'));
  writeFileSync(`${values.out}.md`, await pretty(pageOf(judged, about), 'markdown'));
}

async function pretty(text: string, parser: string): Promise<string> {
  return format(text, { ...(await resolveConfig(`${OUT}.json`)), parser });
}

/** A checkpoint, the verdicts that are right, and the looks at its run that are as large as those here. */
function checkpointOf(given: string) {
  const at = given.indexOf('=');
  const [words, path] = [given.slice(0, Math.max(0, at)).split(','), given.slice(at + 1)];
  const expected = VERDICTS.filter((name) => words.includes(name));
  if (expected.length !== words.length) {
    throw new Error(`--checkpoint ${given}: it takes VERDICT=PATH, verdicts being ${VERDICTS.join(', ')}`);
  }
  const { checkpoint } = findCheckpoint(path);
  return { expected, checkpoint, looks: looksAt(path, checkpoint) };
}

function looksAt(path: string, { iteration }: Checkpoint): Diagnosis[] {
  const { run, diagnoses } = runFiles(dirname(dirname(path)));
  if (!existsSync(run)) return [];
  // Of the look at its own iteration only what settling and training said is taken, whatever the number of samples.
  return readDiagnoses(diagnoses).filter((look) => look.samples === samples || look.iteration === iteration);
}

function whole(flag: 'samples' | 'draws', least: number, most: number): number {
  const number = Number(values[flag]);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${flag} ${values[flag]}: it takes a whole number, ${least} to ${most}`);
}
