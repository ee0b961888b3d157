/**
 * @file Runs in a folder, on few digits: the files that they write, how their sessions end, and that a run which is gone
 * on with ends with the bytes of one that was never interrupted.
 *
 * @expensive trains whole runs
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { decodePng } from '../../../src/figures/png.js';
import { VERDICTS } from '../../../src/evaluation/diagnosis.js';
import { Evaluator } from '../../../src/evaluation/evaluator.js';
import { CLASSIFIERS } from '../../../src/models/networks/classifier.js';
import { CheckpointError, CheckpointFolder, readCheckpoint } from '../../../src/training/checkpoint/checkpoints.js';
import { readDiagnoses } from '../../../src/training/run/diagnosisLog.js';
import { GanRun, type GanRunContext } from '../../../src/training/gan/ganRun.js';
import { MetricsLine, type RunArguments } from '../../../src/training/run/runDescription.js';
import { readRun, RUN, runFiles } from '../../../src/training/run/runFiles.js';
import { isInUse, RunFolder } from '../../../src/training/run/runFolder.js';
import { openTestDevice } from '../../support/device.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
const root = mkdtempSync(join(tmpdir(), 'gan-run-'));
test.after(() => {
  device.destroy();
  rmSync(root, { recursive: true });
});

const CONTEXT: GanRunContext = {
  engine: new Engine(device),
  dataset: digitsDataset({ seed: 'runs', count: 30 }),
  source: { kind: 'digits' },
  versions: { 'zdim-gan-lab': '0.0.0' },
  tuned: false,
  eager: false,
};

const ARGUMENTS: RunArguments = {
  architecture: 'dcgan',
  zDim: 5,
  width: 0.05,
  batch: 4,
  iterations: 7,
  sampleEvery: 3,
  checkpointEvery: 2,
  keep: 'all',
  seed: 'run',
  preset: 'none',
  keepBest: 'none',
};

type Callbacks = NonNullable<Parameters<GanRun['run']>[0]>;

let folders = 0;
const newPath = (): string => join(root, `${++folders}`);

interface Ending {
  readonly run: GanRun;
  readonly outcome: string;
  readonly failure: unknown;
}

/** Trains a run to its end, whichever, and closes it. */
async function toTheEnd(run: GanRun, observer: Callbacks = {}, signal?: AbortSignal): Promise<Ending> {
  let [outcome, failure]: [string, unknown] = ['failed', undefined];
  try {
    ({ outcome } = await run.run(observer, signal));
  } catch (error) {
    failure = error;
  }
  run.close();
  return { run, outcome, failure };
}

/** Goes on with the run in a folder. */
async function resumed(path: string, context: GanRunContext = CONTEXT): Promise<Ending> {
  return toTheEnd(GanRun.resume(RunFolder.open(RUN, path), context));
}

let made: Promise<string> | undefined;

/** The folder of the run with {@link ARGUMENTS}, never interrupted. */
function wholeRun(): Promise<string> {
  made ??= toTheEnd(GanRun.create(newPath(), ARGUMENTS, CONTEXT)).then(({ run, failure }) => {
    assert.is(failure, undefined);
    return run.folder.path;
  });
  return made;
}

const checkpointOf = (path: string, iteration: number): string => {
  return join(runFiles(path).checkpoints, CheckpointFolder.fileName(iteration));
};

/** A copy of the whole run as it was when it had made the checkpoint of an iteration, and was killed somewhat later. */
async function killedAfter(iteration: number): Promise<string> {
  const path = newPath();
  cpSync(await wholeRun(), path, { recursive: true });
  for (const later of [2, 4, 6, 7].filter((each) => each > iteration)) rmSync(checkpointOf(path, later));
  appendFileSync(runFiles(path).metrics, '{"iteration":8,"generatorLo');
  return path;
}

/** All that a run leaves but run.json, which tells the time; in hexadecimal by name. */
function bytesOf(path: string): Record<string, string> {
  const names = [
    'metrics.jsonl',
    'curves.png',
    ...readdirSync(join(path, 'images')).map((name) => join('images', name)),
  ];
  const files = [...names.map((name) => join(path, name)), checkpointOf(path, 7)];
  return Object.fromEntries(files.map((file) => [file.slice(path.length), readFileSync(file, 'hex')]));
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 100]! ^= 1;
  writeFileSync(path, bytes);
}

slow('a run leaves its description, its metrics, pictures with captions, curves and checkpoints', async () => {
  const path = await wholeRun();
  assert.equal(readdirSync(path).sort(), ['checkpoints', 'curves.png', 'images', 'metrics.jsonl', 'run.json']);
  const kinds = ['fixed', 'fresh', 'walk'];
  const pictures = kinds.flatMap((kind) => [3, 6, 7].map((iteration) => `${kind}-00000${iteration}.png`));
  assert.equal(readdirSync(runFiles(path).images).sort(), pictures);
  // Images of 28 pixels, four times as large, with gaps of 2; the caption comes below.
  for (const [kind, columns, rows] of [
    ['fixed', 5, 5],
    ['fresh', 5, 5],
    ['walk', 11, 1],
  ] as const) {
    const { width, height } = decodePng(readFileSync(join(runFiles(path).images, `${kind}-000007.png`)));
    assert.is(width, columns * 114 - 2);
    assert.ok(height > rows * 114 + 8 && height < rows * 114 + 60, `${kind} is ${height} high`);
  }
  assert.ok(decodePng(readFileSync(runFiles(path).curves)).width > 600);
  const last = readCheckpoint(checkpointOf(path, 7));
  const metadata = { architecture: 'dcgan', zDim: '5', width: '0.05', batch: '4', seed: 'run', dataset: 'digits' };
  for (const [name, value] of Object.entries(metadata)) assert.is(last.metadata.get(name), value);
  assert.equal(last.tensors.get('iteration')?.values, Uint32Array.of(7));
});

slow('run.json and metrics.jsonl are as the published schemas say', async () => {
  const path = await wholeRun();
  const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } });
  const schema = (name: string) => {
    return ajv.compile(
      JSON.parse(readFileSync(new URL(`../../../schemas/${name}`, import.meta.url), 'utf8')) as object,
    );
  };
  const [isRun, isLine] = [schema('run.schema.json'), schema('metrics.schema.json')];
  assert.ok(isRun(JSON.parse(readFileSync(runFiles(path).run, 'utf8'))), ajv.errorsText(isRun.errors));
  const lines = readFileSync(runFiles(path).metrics, 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 7);
  for (const [index, line] of lines.entries()) {
    const parsed: unknown = JSON.parse(line);
    assert.ok(isLine(parsed), ajv.errorsText(isLine.errors));
    assert.is(MetricsLine.parse(parsed).iteration, index + 1);
  }

  const run = readRun(path);
  assert.equal(run.arguments, ARGUMENTS);
  const { name, count, sha256 } = CONTEXT.dataset;
  assert.equal(run.dataset, { kind: 'digits', name, count, sha256 });
  const [session, ...others] = run.sessions;
  assert.equal(others, []);
  if (session === undefined) throw new Error('there is no session');
  assert.is(session.outcome, 'finished');
  assert.equal([session.from, session.to], [0, 7]);
  assert.ok((session.iterationsPerSecond ?? 0) > 0);
  assert.ok(Date.parse(session.started) <= Date.parse(session.ended ?? ''));
  assert.equal(session.adapter, { name: device.adapter.name, driver: device.adapter.driver });
});

for (const iteration of [2, 4, 6, 7]) {
  slow(
    `killed after the checkpoint of iteration ${iteration} and gone on with, a run ends with the same bytes`,
    async () => {
      const path = await killedAfter(iteration);
      const { run, outcome } = await resumed(path);
      assert.is(outcome, 'finished');
      assert.equal(bytesOf(path), bytesOf(await wholeRun()));
      assert.is(run.metrics.length, 7);
      assert.is(run.newestCheckpoint, checkpointOf(path, 7));
      const sessions = readRun(path).sessions.map((session) => [session.outcome, session.from, session.to]);
      assert.equal(sessions, [
        ['finished', 0, 7],
        ['finished', iteration, 7],
      ]);
    },
  );
}

slow('a resumed run ends with the same bytes and the same evaluations; a run stops on a verdict', async () => {
  // The classifier is untrained: its classes are meaningless, but reproducible.
  const dataset = digitsDataset({ seed: 'evaluations', count: 120 });
  const { engine } = CONTEXT;
  const classifier = () => CLASSIFIERS.article({ engine, random: seedrandom('classifier') });
  const evaluating: GanRunContext = {
    ...CONTEXT,
    dataset,
    evaluator: (progress) => Evaluator.create(engine, classifier(), dataset, { samples: 100, progress }),
  };
  const whole = await toTheEnd(GanRun.create(newPath(), ARGUMENTS, evaluating));
  assert.is(whole.failure, undefined);
  const { path } = whole.run.folder;
  const evaluations = readDiagnoses(runFiles(path).diagnoses);
  assert.equal(evaluations, whole.run.diagnoses);
  assert.equal(
    evaluations.map(({ iteration }) => iteration),
    [3, 6, 7],
  );
  const ajv = new Ajv2020({ strict: true });
  const schema = readFileSync(new URL('../../../schemas/diagnosis.schema.json', import.meta.url), 'utf8');
  const isDiagnosis = ajv.compile(JSON.parse(schema) as object);
  for (const evaluation of evaluations) assert.ok(isDiagnosis(evaluation), ajv.errorsText(isDiagnosis.errors));
  assert.is(evaluations[0]?.metrics.switched, null);
  assert.ok((evaluations[1]?.metrics.switched ?? -1) >= 0);

  // The checkpoint of iteration 4 holds the evaluation of iteration 3.
  const killed = newPath();
  cpSync(path, killed, { recursive: true });
  for (const later of [6, 7]) rmSync(checkpointOf(killed, later));
  const again = await resumed(killed, evaluating);
  assert.is(again.outcome, 'finished');
  assert.equal(bytesOf(killed), bytesOf(path));
  assert.is(readFileSync(runFiles(killed).diagnoses, 'utf8'), readFileSync(runFiles(path).diagnoses, 'utf8'));

  const names = [...new Set(evaluations.map(({ verdict }) => verdict.name))];
  const stopOn = { verdicts: names, patience: 1 };
  const stopped = GanRun.create(newPath(), ARGUMENTS, { ...evaluating, stopOn });
  const phases: string[] = [];
  const observer: Callbacks = {
    phase: (phase) => {
      if (phases.at(-1) !== phase) phases.push(phase);
    },
    phaseEnded: (phase) => phases.push(`${phase} ended`),
  };
  assert.is((await stopped.run(observer)).outcome, 'stopped');
  const between = ['checkpoint', 'pictures', 'preparation', 'evaluation', 'checkpoint', 'pictures'];
  assert.equal(
    phases,
    between.flatMap((phase) => [phase, `${phase} ended`]),
    'after a stop, the curves are drawn again',
  );
  assert.is(stopped.done, 3);
  assert.is(stopped.verdict, evaluations[0]?.verdict.name);
  assert.ok(existsSync(checkpointOf(stopped.folder.path, 3)));
  stopped.close();

  const patient = GanRun.create(
    newPath(),
    { ...ARGUMENTS, iterations: 2, sampleEvery: 1 },
    { ...evaluating, stopOn: { verdicts: VERDICTS, patience: 3 } },
  );
  await patient.run();
  assert.equal([patient.done, patient.verdict], [2, undefined], 'two evaluations are fewer than the patience');
  patient.close();
});

/** Evaluations with given Fréchet distances by iteration. */
function withFrechet(frechet: Readonly<Record<number, number | null>>): GanRunContext {
  const { engine } = CONTEXT;
  const dataset = digitsDataset({ seed: 'best', count: 120 });
  return {
    ...CONTEXT,
    dataset,
    evaluator: async () => {
      const classifier = CLASSIFIERS.article({ engine, random: seedrandom('classifier') });
      const evaluator = await Evaluator.create(engine, classifier, dataset, { samples: 100 });
      const evaluate = evaluator.evaluate.bind(evaluator);
      evaluator.evaluate = async (subject, context) => {
        const { diagnosis, output } = await evaluate(subject, context);
        const metrics = { ...diagnosis.metrics, frechet: frechet[context.iteration] ?? null };
        return { diagnosis: { ...diagnosis, metrics }, output };
      };
      return evaluator;
    },
  };
}

const iterationsOf = (path: string): number[] => new CheckpointFolder(runFiles(path).checkpoints).iterations();

slow('--keep-best keeps the best checkpoint beside the newest, through a resume, and never a stale one', async () => {
  const args: RunArguments = {
    ...{ ...ARGUMENTS, iterations: 10, sampleEvery: 2, checkpointEvery: 3 },
    ...{ keep: 1, keepBest: 'frechet' },
  };
  const values = { 2: 9, 4: 3, 6: null, 8: 4, 10: 7 };
  const evaluating = withFrechet(values);
  const written: number[] = [];
  const observer: Callbacks = { checkpoint: (iteration) => written.push(iteration) };
  const { run, failure } = await toTheEnd(GanRun.create(newPath(), args, evaluating), observer);
  assert.is(failure, undefined);
  assert.equal(written, [2, 3, 4, 6, 9, 10], 'by the schedule, and after each evaluation that is the best so far');
  const best = { metric: 'frechet', iteration: 4, value: 3 };
  assert.equal(run.best, best);
  const { path } = run.folder;
  assert.equal(iterationsOf(path), [10, 4]);

  // Stopped behind its best checkpoint, and resumed.
  const abort = new AbortController();
  const stopping: Callbacks = { metrics: (first, { length }) => first + length > 6 && abort.abort() };
  const stopped = await toTheEnd(GanRun.create(newPath(), args, evaluating), stopping, abort.signal);
  assert.is(stopped.outcome, 'stopped');
  const stoppedPath = stopped.run.folder.path;
  assert.equal(iterationsOf(stoppedPath).at(-1), 4);
  const again = await resumed(stoppedPath, evaluating);
  assert.equal([again.outcome, again.run.best], ['finished', best]);
  assert.equal(iterationsOf(stoppedPath), [10, 4]);
  for (const iteration of [4, 10]) {
    assert.equal(readFileSync(checkpointOf(stoppedPath, iteration)), readFileSync(checkpointOf(path, iteration)));
  }

  // Rewound to iteration 3, where the checkpoint of 4 is damaged: its value does not count any more.
  const whole = await toTheEnd(GanRun.create(newPath(), { ...args, iterations: 4, keep: 'all' }, evaluating));
  const rewound = whole.run.folder.path;
  assert.equal(iterationsOf(rewound), [4, 3, 2]);
  damage(checkpointOf(rewound, 4));
  const folder = RunFolder.open(RUN, rewound);
  const worse = GanRun.resume(folder, withFrechet({ 4: 8 }), { ...folder.description.arguments, keep: 1 });
  assert.equal([worse.done, worse.best], [3, { metric: 'frechet', iteration: 2, value: 9 }]);
  const { run: other } = await toTheEnd(worse);
  assert.equal(other.best, { metric: 'frechet', iteration: 4, value: 8 });
  assert.equal(iterationsOf(rewound), [4]);

  // Without the setting, nothing is kept beside the newest.
  const plain = await toTheEnd(GanRun.create(newPath(), { ...args, keepBest: 'none' }, evaluating));
  assert.equal([plain.run.best, iterationsOf(plain.run.folder.path)], [undefined, [10]]);
});

slow('evaluations of a critic have its estimates, also in a resumed run; those of other losses have none', async () => {
  const { engine } = CONTEXT;
  const dataset = digitsDataset({ seed: 'critic evaluations', count: 120 });
  const classifier = () => CLASSIFIERS.article({ engine, random: seedrandom('classifier') });
  const evaluating: GanRunContext = {
    ...CONTEXT,
    dataset,
    heldOut: digitsDataset({ seed: 'critic evaluations', count: 50, first: 120 }),
    evaluator: () => Evaluator.create(engine, classifier(), dataset, { samples: 100 }),
  };
  const objective = { loss: 'wgan-gp', criticSteps: 2, normaliseDiscriminator: 'none' } as const;
  const args = { ...ARGUMENTS, objective, iterations: 4, sampleEvery: 2 };
  const { run, failure } = await toTheEnd(GanRun.create(newPath(), args, evaluating));
  assert.is(failure, undefined);
  const { path } = run.folder;
  const estimates = run.diagnoses.map(({ metrics }) => [metrics.wasserstein, metrics.wassersteinHeldOut]);
  assert.is(estimates.length, 2);
  for (const estimate of estimates) {
    assert.ok(estimate.every(Number.isFinite), JSON.stringify(estimate));
  }
  assert.not.equal(estimates[0], estimates[1]);

  const killed = newPath();
  cpSync(path, killed, { recursive: true });
  rmSync(checkpointOf(killed, 4));
  const again = await resumed(killed, evaluating);
  assert.is(again.outcome, 'finished');
  assert.is(readFileSync(runFiles(killed).diagnoses, 'utf8'), readFileSync(runFiles(path).diagnoses, 'utf8'));

  const without = { ...evaluating, heldOut: undefined };
  const alone = await toTheEnd(GanRun.create(newPath(), { ...args, iterations: 2 }, without));
  const [first] = estimates;
  const only = alone.run.diagnoses[0]?.metrics;
  assert.equal([only?.wasserstein, only?.wassersteinHeldOut], [first?.[0], null]);

  const other = await toTheEnd(GanRun.create(newPath(), { ...ARGUMENTS, iterations: 2 }, evaluating));
  const [evaluation] = other.run.diagnoses;
  assert.is(evaluation?.metrics.wasserstein, null);
  const { metrics } = other.run;
  const mean = metrics.reduce((sum, { generatorLoss }) => sum + generatorLoss, 0) / metrics.length;
  assert.ok(Math.abs((evaluation?.metrics.generatorLoss ?? NaN) - mean) < 1e-12);
});

slow('killed before its first checkpoint, a run begins again', async () => {
  const path = await killedAfter(0);
  const run = GanRun.resume(RunFolder.open(RUN, path), CONTEXT);
  assert.is(run.done, 0);
  assert.is(run.newestCheckpoint, undefined);
  await toTheEnd(run);
  assert.equal(bytesOf(path), bytesOf(await wholeRun()));
});

slow('damaged checkpoints are named and put aside, and the one before leads to the same bytes', async () => {
  const path = await killedAfter(7);
  for (const iteration of [6, 7]) damage(checkpointOf(path, iteration));
  const { run, outcome } = await resumed(path);
  assert.is(outcome, 'finished');
  assert.is(run.skipped.length, 2);
  run.skipped.forEach(({ message }, index) => assert.ok(message.startsWith(checkpointOf(path, 7 - index)), message));
  assert.is(readRun(path).sessions.at(-1)?.from, 4);
  assert.equal(bytesOf(path), bytesOf(await wholeRun()));
  for (const iteration of [6, 7]) assert.ok(existsSync(`${checkpointOf(path, iteration)}.damaged`));
});

slow('where no checkpoint is usable, nothing of the run is touched', async () => {
  const path = await killedAfter(4);
  for (const iteration of [2, 4]) damage(checkpointOf(path, iteration));
  const before = readFileSync(runFiles(path).metrics);
  const opened = RunFolder.open(RUN, path);
  assert.throws(
    () => GanRun.resume(opened, CONTEXT),
    (error: unknown) =>
      error instanceof CheckpointError && [2, 4].every((each) => error.message.includes(checkpointOf(path, each))),
  );
  opened.close();
  assert.equal(readFileSync(runFiles(path).metrics), before);
});

slow('a checkpoint of another run is not taken for one of this', async () => {
  const path = await killedAfter(4);
  const opened = RunFolder.open(RUN, path);
  for (const [name, value] of [
    ['seed', 'other'],
    ['zDim', 6],
    ['batch', 8],
  ] as const) {
    const args = { ...ARGUMENTS, [name]: value };
    assert.throws(
      () => GanRun.resume(opened, CONTEXT, args),
      new RegExp(`000004.safetensors belongs to another run: its ${name} is "${ARGUMENTS[name]}", not "${value}"`),
    );
  }
  opened.close();
});

slow('the loss is in run.json and in the checkpoints, whose loss must be the run’s', async () => {
  const objective = { loss: 'wgan-gp', criticSteps: 2, normaliseDiscriminator: 'none' } as const;
  const args = { ...ARGUMENTS, objective, iterations: 2 };
  const path = newPath();
  await toTheEnd(GanRun.create(path, args, CONTEXT));
  assert.equal(readRun(path).arguments.objective, objective);
  assert.is(readCheckpoint(checkpointOf(path, 2)).metadata.get('loss'), 'wgan-gp');
  const opened = RunFolder.open(RUN, path);
  for (const [other, found] of [
    [{ ...args, objective: { ...objective, loss: 'hinge' as const } }, '"wgan-gp", not "hinge"'],
    [ARGUMENTS, '"wgan-gp", not "bce"'],
  ] as const) {
    assert.throws(() => GanRun.resume(opened, CONTEXT, { ...other }), `its loss is ${found}`);
  }
  opened.close();
});

slow('other images are refused, and nothing of the run is touched', async () => {
  const path = await killedAfter(4);
  const before = readFileSync(runFiles(path).metrics);
  const dataset = digitsDataset({ seed: 'others', count: 30 });
  const opened = RunFolder.open(RUN, path);
  assert.throws(
    () => GanRun.resume(opened, { ...CONTEXT, dataset }),
    new RegExp(`trained on digits with SHA-256 ${CONTEXT.dataset.sha256}; got other images .* with ${dataset.sha256}`),
  );
  opened.close();
  assert.equal(readFileSync(runFiles(path).metrics), before);
});

slow('metrics that were lost do not move those that come after', async () => {
  const path = await killedAfter(4);
  rmSync(runFiles(path).metrics);
  const { run } = await resumed(path);
  assert.equal(
    run.metrics.map(({ iteration }) => iteration),
    [5, 6, 7],
  );
  const lines = readFileSync(runFiles(await wholeRun()).metrics, 'utf8').split('\n');
  assert.is(readFileSync(runFiles(path).metrics, 'utf8'), lines.slice(4).join('\n'));
});

slow('a stopped run says so, keeps as many checkpoints as it is told, and goes on to the same bytes', async () => {
  const stop = new AbortController();
  const path = newPath();
  const create = GanRun.create(path, { ...ARGUMENTS, keep: 1 }, CONTEXT);
  assert.ok(isInUse(path));
  const observer: Callbacks = {
    metrics: (first) => {
      if (first >= 5) stop.abort();
    },
  };
  const { outcome, run } = await toTheEnd(create, observer, stop.signal);
  assert.is(outcome, 'stopped');
  assert.not(isInUse(path));
  const { done } = run;
  assert.equal(run.folder.checkpoints.list(), [checkpointOf(path, done)]);
  assert.equal([run.lastSession?.outcome, run.lastSession?.to], ['stopped', done]);
  await resumed(path);
  assert.equal(bytesOf(path), bytesOf(await wholeRun()));
  assert.equal(run.folder.checkpoints.list(), [checkpointOf(path, 7)]);
});

slow('a session that fails is recorded, and the run goes on from its last checkpoint to the same bytes', async () => {
  const path = newPath();
  const observer: Callbacks = {
    metrics: (first) => {
      if (first >= 4) throw new Error('the ceiling came down');
    },
  };
  const { failure } = await toTheEnd(GanRun.create(path, ARGUMENTS, CONTEXT), observer);
  assert.match(failure instanceof Error ? failure.message : '', 'the ceiling came down');
  const [session] = readRun(path).sessions;
  assert.equal([session?.outcome, session?.reason], ['failed', 'the ceiling came down']);
  assert.is((await resumed(path)).outcome, 'finished');
  assert.equal(bytesOf(path), bytesOf(await wholeRun()));
});

slow('a run that fails before its first iteration leaves no folder, unless there was something before', async () => {
  const failing: Callbacks = {
    ready: () => {
      throw new Error('no');
    },
  };
  const path = newPath();
  const create = GanRun.create(path, ARGUMENTS, CONTEXT);
  assert.ok(create.isEmpty);
  await toTheEnd(create, failing);
  assert.not(existsSync(path));
  assert.throws(() => GanRun.create(path, { ...ARGUMENTS, architecture: 'article', batch: 3 }, CONTEXT), /even/);
  assert.not(existsSync(path));

  const earlier = await killedAfter(4);
  await toTheEnd(GanRun.resume(RunFolder.open(RUN, earlier), CONTEXT), failing);
  assert.is((await resumed(earlier)).outcome, 'finished');
  assert.equal(bytesOf(earlier), bytesOf(await wholeRun()));
});

test.run();
