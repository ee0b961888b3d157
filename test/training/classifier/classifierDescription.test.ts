/**
 * @file What classifier.json, its metrics.jsonl and evaluation.json may hold: schema and source agree.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeEvaluation } from '../../../src/training/classifier/classifierMetadata.js';
import {
  ClassifierDescription,
  ClassifierMetricsLine,
  EvaluationDescription,
} from '../../../src/training/classifier/classifierDescription.js';
import { compareLabels } from '../../../src/training/classifier/classifierEvaluation.js';
import { CLASSIFIER } from '../../../src/training/classifier/classifierFolder.js';
import { createDataset } from '../../../src/data/dataset.js';
import { RunError } from '../../../src/training/run/runDescription.js';
import { parseDescription } from '../../../src/training/run/runFolder.js';

const CLASSES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const DATASET = { kind: 'mnist', name: 'mnist/train', count: 60000, sha256: '0af9'.repeat(16) };

const RUN = {
  format: 'zdim-gan-lab/classifier-run/2',
  arguments: {
    classifier: 'article',
    batch: 128,
    epochs: 6,
    learningRate: 0.002,
    schedule: 'one-cycle',
    jitter: { shift: 2, turn: 10 },
    checkpointEvery: 469,
    keep: 3,
    seed: '1',
  },
  dataset: DATASET,
  test: { ...DATASET, name: 'mnist/test', count: 10000, folder: '/data/mnist' },
  classes: CLASSES,
  parameters: 600810,
  iterations: 2813,
  sessions: [],
};

const IMAGES = createDataset({
  name: 'few',
  count: 3,
  height: 1,
  width: 1,
  channels: 1,
  pixels: new Uint8Array(3),
  labels: Uint8Array.of(1, 1, 4),
});

const EVALUATION = describeEvaluation(compareLabels(IMAGES.labels, Uint8Array.of(1, 7, 4)), IMAGES, CLASSES);

const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } });
const compiled = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(new URL(`../../../schemas/${name}`, import.meta.url), 'utf8')) as object);

const KINDS = {
  run: { example: RUN, schema: compiled('classifier.schema.json'), source: ClassifierDescription },
  line: {
    example: { iteration: 1, loss: 2.3 },
    schema: compiled('classifier-metrics.schema.json'),
    source: ClassifierMetricsLine,
  },
  evaluation: { example: EVALUATION, schema: compiled('evaluation.schema.json'), source: EvaluationDescription },
};

/** Whether schema and source take the example with other values; they must agree. */
function isTaken(kind: keyof typeof KINDS, change: object): boolean {
  const { example, schema, source } = KINDS[kind];
  const value: unknown = JSON.parse(JSON.stringify({ ...example, ...change }));
  const [bySchema, bySource] = [schema(value), source.safeParse(value).success];
  assert.is(bySchema, bySource, `${JSON.stringify(change)}: the schema says ${bySchema}, the source ${bySource}`);
  return bySource;
}

test('the examples are taken, and what is none is not', () => {
  const args = RUN.arguments;
  for (const [kind, change, taken] of [
    ['run', {}, true],
    ['run', { arguments: { ...args, epochs: 0.5, keep: 'all', jitter: { shift: 0, turn: 0 } } }, true],
    ['run', { arguments: { ...args, classifier: 'vgg' } }, false],
    ['run', { arguments: { ...args, epochs: 0 } }, false],
    ['run', { arguments: { ...args, more: 1 } }, false],
    ['run', { format: 'zdim-gan-lab/run/2' }, false],
    ['run', { classes: ['0'] }, false],
    ['run', { iterations: 0 }, false],
    ['line', {}, true],
    ['line', { iteration: 0 }, false],
    ['line', { loss: null }, false],
    ['line', { loss: undefined }, false],
    ['evaluation', {}, true],
    ['evaluation', { accuracy: 1.1 }, false],
    ['evaluation', { confusion: [] }, false],
    ['evaluation', { perClass: Array.from({ length: 10 }, () => 2) }, false],
  ] as const) {
    assert.is(isTaken(kind, change), taken, `${kind} ${JSON.stringify(change)}`);
  }
});

test('an evaluation tells accuracy, that of each class, and null where there are no images of it', () => {
  const { count, accuracy, perClass, confusion, sha256 } = EVALUATION;
  assert.equal([count, accuracy, sha256], [3, 2 / 3, IMAGES.sha256]);
  assert.equal(perClass, [null, 0.5, null, null, 1, null, null, null, null, null]);
  assert.equal(confusion[1], [0, 1, 0, 0, 0, 0, 0, 1, 0, 0]);
});

test('a classifier.json that is none is refused by its path and the first thing that is wrong', () => {
  assert.equal(parseDescription(CLASSIFIER, JSON.stringify(RUN), 'classifier.json'), RUN);
  for (const [text, message] of [
    ['{', /^RunError: runs\/c\/classifier\.json is not JSON: /],
    ['{}', /^RunError: runs\/c\/classifier\.json is no classifier of this program: format: /],
  ] as const) {
    try {
      parseDescription(CLASSIFIER, text, 'runs/c/classifier.json');
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RunError);
      assert.match(String(error), message);
    }
  }
});

test.run();
