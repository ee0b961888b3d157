/**
 * @file Measures how often the verdict is correct, and which metric detects which fault, on synthetic generators and on
 * checkpoints of trained ones.
 *
 *     node --import tsx experiments/verdict/index.ts --data-dir path/to/mnist
 *
 * Writes docs/verdict.json and docs/verdict.md after each generator. Flags:
 *
 *     --samples N      images of an evaluation, 100 to 10,000; default 1,000
 *     --draws N        draws of each generator; default 5
 *     --memorised      measures memorising too, and adds a generator of training images
 *     --only TEXT      only generators whose name contains TEXT; repeatable
 *     --out PATH       the results' path, without extension
 *     --checkpoint healthy=PATH    a checkpoint and its correct verdicts, separated by commas; repeatable. For a checkpoint
 *                                  in RUN/checkpoints, the run's evaluations count as well.
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
import { countRight, LISTS, pageOf, detectionRows, type Judged } from './page.js';
import { shareOut } from './sides.js';
import { DETECTORS } from './detection.js';
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
if (folder === undefined) misuse('--data-dir is required: the folder of the four MNIST files');
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
await judgeMade('tuned', MADE);
await judgeMade('others', OTHERS);
if (values.memorised) {
  await judgeMade('others', [
    { name: 'training images', expected: ['healthy'], draw: (_, count, random) => real(sides.real, count, random) },
  ]);
}
for (const { expected, checkpoint, evaluations } of wanted) {
  const metadata = ['architecture', 'zDim', 'width'].map((key) => `${key} ${checkpoint.metadata.get(key) ?? '?'}`);
  const name = `${metadata.join(', ')}, iteration ${checkpoint.iteration}`;
  const diagnosis = await diagnoseCheckpoint(engine, evaluator, checkpoint, evaluations);
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

/** Prints a generator's verdicts, and writes all results so far. */
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
  const detection = detectionRows(judged).map(({ name, shares }) => ({
    name,
    detected: Object.fromEntries(shares.map((share, index) => [DETECTORS[index] ?? '', share])),
  }));
  const judging = { samples, draws, note: sides.note, command, lists: LISTS };
  const result = { ...judging, classifier: 'assets/mnist-classifier.safetensors', rows, detection };
  writeFileSync(`${values.out}.json`, await pretty(JSON.stringify(result), 'json'));
  writeFileSync(`${values.out}.md`, await pretty(pageOf(judged, judging), 'markdown'));
}

async function pretty(text: string, parser: string): Promise<string> {
  return format(text, { ...(await resolveConfig(`${OUT}.json`)), parser });
}

/** Parses `VERDICT=PATH`: the checkpoint, its correct verdicts, and the comparable evaluations of its run. */
function checkpointOf(given: string) {
  const at = given.indexOf('=');
  const [words, path] = [given.slice(0, Math.max(0, at)).split(','), given.slice(at + 1)];
  const expected = VERDICTS.filter((name) => words.includes(name));
  if (expected.length !== words.length) {
    throw new Error(`--checkpoint takes VERDICT=PATH, with a verdict of ${VERDICTS.join(', ')}; got ${given}`);
  }
  const { checkpoint } = findCheckpoint(path);
  return { expected, checkpoint, evaluations: evaluationsOf(path, checkpoint) };
}

function evaluationsOf(path: string, { iteration }: Checkpoint): Diagnosis[] {
  const { run, diagnoses } = runFiles(dirname(dirname(path)));
  if (!existsSync(run)) return [];
  // The evaluation of the checkpoint's own iteration gives only the metrics of fixed z and of training, for which the
  // number of samples does not matter.
  return readDiagnoses(diagnoses).filter((each) => each.samples === samples || each.iteration === iteration);
}

function whole(flag: 'samples' | 'draws', least: number, most: number): number {
  const number = Number(values[flag]);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${flag} takes a whole number from ${least} to ${most}; got ${values[flag]}`);
}
