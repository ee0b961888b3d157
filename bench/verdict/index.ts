/**
 * @file How often the verdict is right, and which metric sees what: generators that were made on purpose, drawn again and
 * again, and checkpoints of real ones where there are any.
 *
 *     node --import tsx bench/verdict/index.ts --data-dir path/to/mnist
 *
 * writes docs/verdict.json and docs/verdict.md. No part of `npm run bench`. Flags:
 *
 *     --samples N      images of a look; 1,000
 *     --draws N        how often each generator is drawn; 5
 *     --out PATH       where the results go, without an ending
 *     --checkpoint healthy=PATH    a checkpoint and the verdict that is right, any number of times
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import seedrandom from 'seedrandom';
import { Engine } from '../../src/autograd/engine.js';
import { loadMnist } from '../../src/data/mnist.js';
import { openDevice } from '../../src/host/node.js';
import { tuningFile } from '../../src/host/tuningFile.js';
import { Diagnoser } from '../../src/metrics/diagnoser.js';
import { VERDICTS, type Diagnosis, type VerdictName } from '../../src/metrics/diagnosis.js';
import { diagnoseCheckpoint } from '../../src/training/checkpointDiagnosis.js';
import { readCheckpoint } from '../../src/training/checkpoints.js';
import { bundledClassifier, loadClassifier } from '../../src/training/trainedClassifier.js';
import { MADE } from './made.js';
import { MEASURED, seen } from './sight.js';

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    samples: { type: 'string', default: '1000' },
    draws: { type: 'string', default: '5' },
    out: { type: 'string', default: 'docs/verdict' },
    checkpoint: { type: 'string', multiple: true, default: [] },
  },
});

/** A generator's name, the verdicts that are right, and its diagnoses. */
interface Judged {
  readonly name: string;
  readonly expected: readonly VerdictName[];
  readonly diagnoses: readonly Diagnosis[];
}

const folder = values['data-dir'];
if (folder === undefined) throw new Error('--data-dir names the folder of the four MNIST files');
const [samples, draws] = [Number(values.samples), Number(values.draws)];

const device = await openDevice();
const engine = new Engine(device, { store: tuningFile() });
const [train, test] = await Promise.all([loadMnist(folder, 'train'), loadMnist(folder, 'test')]);
const classifier = loadClassifier(engine, bundledClassifier('mnist/train') ?? '');
const diagnoser = await Diagnoser.create(engine, classifier.model, train, { samples });

const judged: Judged[] = [];
const tell = ({ name, expected, diagnoses }: Judged): void => {
  const names = diagnoses.map(({ verdict }) => verdict.name);
  const right = names.filter((verdict) => expected.includes(verdict)).length;
  console.log(
    `${right}/${names.length}  ${name}: ${[...new Set(names)].join(', ')} — ${diagnoses[0]?.verdict.reasons.join(', ') ?? ''}`,
  );
};
for (const { name, expected, draw } of MADE) {
  const diagnoses: Diagnosis[] = [];
  for (let seed = 1; seed <= draws; seed++) {
    diagnoses.push(await diagnoser.lookAt(draw(test, samples, seedrandom(`${name}/${seed}`))));
  }
  judged.push({ name, expected, diagnoses });
  tell({ name, expected, diagnoses });
}
for (const given of values.checkpoint) {
  const [verdict = '', path = ''] = given.split('=');
  const expected = VERDICTS.filter((name) => verdict.split(',').includes(name));
  const checkpoint = readCheckpoint(path);
  const about = ['architecture', 'zDim', 'width'].map((key) => `${key} ${checkpoint.about.get(key) ?? '?'}`);
  const name = `${about.join(', ')}, iteration ${checkpoint.iteration}`;
  const one = { name, expected, diagnoses: [await diagnoseCheckpoint(engine, diagnoser, checkpoint)] };
  judged.push(one);
  tell(one);
}
device.destroy();

const healthy = judged.filter(({ expected }) => expected.join() === 'healthy').flatMap(({ diagnoses }) => diagnoses);
const rows = judged.map(({ name, expected, diagnoses }) => ({
  name,
  expected,
  verdicts: diagnoses.map(({ verdict }) => verdict.name),
  right: diagnoses.filter(({ verdict }) => expected.includes(verdict.name)).length / diagnoses.length,
  seen: Object.fromEntries(seen(diagnoses, healthy).map((share, index) => [MEASURED[index]?.name ?? '', share])),
  example: diagnoses[0],
}));
const result = { samples, draws, dataset: train.name, classifier: 'assets/mnist-classifier.safetensors', rows };
const config = await resolveConfig('docs/verdict.json');
const pretty = (text: string, parser: string): Promise<string> => format(text, { ...config, parser });
writeFileSync(`${values.out}.json`, await pretty(JSON.stringify(result), 'json'));
writeFileSync(`${values.out}.md`, await pretty(markdown(), 'markdown'));

function markdown(): string {
  const cells = (all: readonly (string | number)[]): string => `| ${all.join(' | ')} |`;
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  const total = judged.flatMap(({ expected, diagnoses }) =>
    diagnoses.map(({ verdict }) => expected.includes(verdict.name)),
  );
  const right = total.filter(Boolean).length;
  return [
    '# How often the verdict is right',
    '',
    `Generators that were made on purpose out of ${test.name} (images that the real side, ${train.name}, does not hold), each ` +
      `drawn ${draws} times with ${samples.toLocaleString('en')} samples, and checkpoints of trained ones. Made by`,
    '',
    '    node --import tsx bench/verdict/index.ts --data-dir path/to/mnist',
    '',
    `**${right} of ${total.length} verdicts are right** (${percent(right / total.length)}).`,
    '',
    cells(['generator', 'right would be', 'verdict', 'right', 'because, the first time']),
    cells(['---', '---', '---', '---:', '---']),
    ...rows.map(({ name, expected, verdicts, right: share, example }) =>
      cells([
        name,
        expected.join(' or '),
        [...new Set(verdicts)].join(', '),
        percent(share),
        example?.verdict.reasons.join(', ') ?? '',
      ]),
    ),
    '',
    '## Which metric sees what',
    '',
    'How often a metric’s value lies beyond those of all the healthy generators above: – is never. No column is filled ' +
      'throughout, which is why the verdict goes by several.',
    '',
    cells(['generator', ...MEASURED.map(({ name }) => name)]),
    cells(['---', ...MEASURED.map(() => '---:')]),
    ...rows
      .filter(({ expected }) => expected.join() !== 'healthy')
      .map(({ name, seen: shares }) =>
        cells([
          name,
          ...MEASURED.map((metric) => (shares[metric.name] === 0 ? '–' : percent(shares[metric.name] ?? 0))),
        ]),
      ),
    '',
  ].join('\n');
}
