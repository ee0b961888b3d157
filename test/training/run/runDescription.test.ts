/**
 * @file What run.json and metrics.jsonl may hold: the published schemas refuse what the sources refuse.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MetricsLine, RunDescription, RunError } from '../../../src/training/run/runDescription.js';
import { RUN as KIND } from '../../../src/training/run/runFiles.js';
import { parseDescription } from '../../../src/training/run/runFolder.js';

const SCHEMAS = new URL('../../../schemas/', import.meta.url);

const RUN = {
  format: 'zdim-gan-lab/run/2',
  arguments: {
    architecture: 'article',
    zDim: 100,
    width: 0.5,
    batch: 32,
    iterations: 3000,
    sampleEvery: 500,
    checkpointEvery: 250,
    keep: 3,
    seed: 'Ä "1"',
    preset: 'standard',
    keepBest: 'none',
  },
  dataset: { kind: 'mnist', name: 'mnist/train', count: 60000, sha256: '0af9'.repeat(16), folder: '/data/mnist' },
  parameters: { generator: 6768129, discriminator: 1026305 },
  sessions: [
    {
      started: '2024-02-29T12:00:00.123Z',
      ended: '2024-02-29T12:30:00.000Z',
      outcome: 'diverged',
      reason: 'the loss is not finite',
      command: ['train', '--z', '100'],
      from: 0,
      to: 700,
      iterationsPerSecond: 4.25,
      adapter: { name: 'llvmpipe', driver: 'Mesa 25.0.7' },
      versions: { 'zdim-gan-lab': '0.1.0', node: '22.1.0' },
      tuned: true,
      eager: false,
      kernels: { 'matmul 32 × 100 × 6272': 'registers 8×8' },
    },
    {
      started: '2024-02-29T13:00:00Z',
      outcome: 'running',
      from: 500,
      adapter: { name: 'llvmpipe', driver: '' },
      versions: {},
      tuned: false,
      eager: true,
      kernels: {},
    },
  ],
};

const LINE = {
  iteration: 1,
  generatorLoss: -0.5,
  discriminatorLoss: 1e10,
  realAccuracy: 1,
  fakeAccuracy: 0,
  foolingRate: 0.3333333432674408,
};

const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } });
const publishedSchema = (name: string): unknown => JSON.parse(readFileSync(new URL(name, SCHEMAS), 'utf8'));
const published = (name: string): ValidateFunction => ajv.compile(publishedSchema(name) as object);

const KINDS = {
  run: { example: RUN, schema: published('run.schema.json'), source: RunDescription },
  metrics: { example: LINE, schema: published('metrics.schema.json'), source: MetricsLine },
};

/** Whether schema and source take a value; they must agree. */
function isTaken(kind: keyof typeof KINDS, value: unknown, what: string): boolean {
  const { schema, source } = KINDS[kind];
  const json: unknown = JSON.parse(JSON.stringify(value));
  const [bySchema, bySource] = [schema(json), source.safeParse(json).success];
  assert.is(bySchema, bySource, `${what}: the schema says ${bySchema}, the source ${bySource}`);
  return bySource;
}

/** The example with the value at a path replaced, or left out. */
function changed(example: object, path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(example);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => (object as Record<string, unknown>)[key], copy);
  if (value === undefined) Reflect.deleteProperty(parent as object, last);
  else (parent as Record<string, unknown>)[last] = value;
  return copy;
}

const told = (value: unknown): string => (value === undefined ? 'left out' : JSON.stringify(value));

test('a run and a line of metrics are taken by schema and source alike', () => {
  assert.ok(isTaken('run', RUN, 'run'), ajv.errorsText(KINDS.run.schema.errors));
  assert.ok(isTaken('metrics', LINE, 'line'), ajv.errorsText(KINDS.metrics.schema.errors));
});

for (const [kind, path, ...values] of [
  ['run', 'arguments.zDim', 1, 512],
  ['run', 'arguments.width', 0.001, 7],
  ['run', 'arguments.keep', 1, 'all'],
  ['run', 'arguments.architecture', 'dcgan'],
  ['run', 'arguments.seed', '', '\n'],
  ['run', 'arguments.objective', undefined, { loss: 'hinge' }, { loss: 'wgan', clip: 0.01, criticSteps: 100 }],
  // Values that change nothing mean the same as absent ones.
  ['run', 'arguments.objective', { loss: 'bce', augment: [] }, { loss: 'bce', unroll: 0 }],
  ['run', 'dataset.folder', undefined],
  ['run', 'sessions', []],
  ['run', 'sessions.0.outcome', 'running', 'finished', 'stopped'],
  ['run', 'sessions.0.to', undefined, 0],
  ['run', 'sessions.0.ended', undefined],
  ['run', 'sessions.0.error', undefined],
  ['run', 'sessions.0.iterationsPerSecond', undefined, 1e-3],
  ['metrics', 'iteration', 2 ** 53 - 1],
  ['metrics', 'generatorLoss', 0, 1e300],
  ['metrics', 'wasserstein', undefined, -1.5],
  ['metrics', 'gradientPenalty', undefined, 0],
] as const) {
  for (const value of values) {
    test(`${path} may be ${told(value)}`, () => {
      assert.ok(isTaken(kind, changed(KINDS[kind].example, path, value), path));
    });
  }
}

for (const [kind, path, ...values] of [
  ['run', 'format', 'zdim-gan-lab/run/1', undefined, 1],
  ['run', 'arguments', undefined, null, [], 'z'],
  ['run', 'arguments.architecture', 'vae', 'toString', '__proto__', undefined],
  ['run', 'arguments.zDim', 0, 513, 1.5, '100', null, undefined],
  ['run', 'arguments.width', 0, -1, '1'],
  ['run', 'arguments.batch', 0, 2.5],
  ['run', 'arguments.iterations', 0, 1e20],
  ['run', 'arguments.sampleEvery', 0],
  ['run', 'arguments.checkpointEvery', 0, undefined],
  ['run', 'arguments.keep', 0, 'none', null, undefined],
  ['run', 'arguments.seed', 1],
  ['run', 'arguments.objective', null, {}, { loss: 'gan' }, { loss: 'bce', more: 1 }],
  ['run', 'arguments.objective', { loss: 'wgan', clip: 0 }, { loss: 'r1', criticSteps: 101 }],
  ['run', 'arguments.objective', { loss: 'bce', labelSmoothing: 0.5 }, { loss: 'bce', normaliseDiscriminator: 'x' }],
  ['run', 'arguments.objective', { loss: 'bce', averageDecay: 1 }, { loss: 'bce', minibatchStddev: 'yes' }],
  ['run', 'arguments.objective', { loss: 'bce', pack: 5 }, { loss: 'bce', normaliseGenerator: 'group' }],
  ['run', 'arguments.objective', { loss: 'bce', augment: ['colour'] }, { loss: 'bce', unroll: -1 }],
  ['run', 'arguments.objective', { loss: 'bce', instanceNoise: 0 }, { loss: 'bce', noiseIterations: 0.5 }],
  ['run', 'arguments.more', 1],
  ['run', 'dataset.sha256', '', 'A'.repeat(64), '0'.repeat(63), `${'0'.repeat(64)}\n`],
  ['run', 'dataset.folder', null],
  ['run', 'parameters.generator', 0],
  ['run', 'parameters', undefined],
  ['run', 'sessions', undefined, {}, [null], [1]],
  ['run', 'sessions.0.started', undefined, 'yesterday', '2023-02-29T12:00:00Z', '2024-02-29 12:00:00Z', 0],
  ['run', 'sessions.0.outcome', 'killed', undefined],
  ['run', 'sessions.0.from', -1],
  ['run', 'sessions.0.iterationsPerSecond', 0, null],
  ['run', 'sessions.0.adapter', undefined, {}],
  ['run', 'sessions.0.versions', { node: 22 }],
  ['run', 'sessions.0.kernels', { matmul: null }],
  ['run', 'sessions.1.tuned', 1, undefined],
  ['run', 'extra', 1],
  ['metrics', 'iteration', 0, 1.5, '1', undefined, 2 ** 53],
  ['metrics', 'generatorLoss', null, undefined, '0.5'],
  ['metrics', 'realAccuracy', -0.1, 1.1],
  ['metrics', 'foolingRate', undefined],
  ['metrics', 'wasserstein', null, '1'],
  ['metrics', 'gradientPenalty', -1],
  ['metrics', 'extra', 1],
] as const) {
  for (const value of values) {
    test(`${path} must not be ${told(value)}`, () => {
      assert.not(isTaken(kind, changed(KINDS[kind].example, path, value), path));
    });
  }
}

test('a run.json of an older or newer format is refused with the version that reads it', () => {
  const refusal = (format: string): string => {
    try {
      parseDescription(KIND, JSON.stringify({ ...RUN, format }), 'runs/1/run.json');
    } catch (error) {
      if (error instanceof RunError) return error.message;
    }
    throw new Error('it was read');
  };
  assert.is(
    refusal('zdim-gan-lab/run/1'),
    'runs/1/run.json has the format zdim-gan-lab/run/1, which zdim-gan-lab 0.1.0 reads; this version reads zdim-gan-lab/run/2',
  );
  assert.match(refusal('zdim-gan-lab/run/3'), /run\/3, which another version of zdim-gan-lab reads; this version/);
  assert.match(refusal('something-else/run/1'), /^runs\/1\/run\.json is no run of this program: format: /);
});

test('neither takes what is no object', () => {
  for (const value of [null, [], 'run', 1, true]) {
    assert.not(isTaken('run', value, 'run'));
    assert.not(isTaken('metrics', value, 'line'));
  }
});

test('a run is read from its text', () => {
  assert.equal(parseDescription(KIND, JSON.stringify(RUN), 'run.json'), RUN);
});

test('what is no run is refused by file and field', () => {
  for (const [text, message] of [
    ['', /^runs\/1\/run\.json is not JSON: .*end of JSON/],
    [JSON.stringify(RUN).slice(0, -30), /^runs\/1\/run\.json is not JSON: /],
    ['\0\0\0', /^runs\/1\/run\.json is not JSON: /],
    [JSON.stringify(changed(RUN, 'arguments.zDim', 0)), /^runs\/1\/run\.json is no run .*: arguments\.zDim: .*>=1/],
    [
      JSON.stringify(changed(RUN, 'sessions.1.from', undefined)),
      /^runs\/1\/run\.json is no run .*: sessions\.1\.from: /,
    ],
    [
      JSON.stringify(changed(RUN, 'extra', 1)),
      /^runs\/1\/run\.json is no run of this program: Unrecognized key: "extra"$/,
    ],
    ['[]', /^runs\/1\/run\.json is no run of this program: Invalid input/],
  ] as const) {
    assert.throws(() => parseDescription(KIND, text, 'runs/1/run.json'), message);
    assert.throws(
      () => parseDescription(KIND, text, 'runs/1/run.json'),
      (error: unknown) => error instanceof RunError && !error.missing,
    );
  }
});

test.run();
