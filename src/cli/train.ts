/**
 * @file `train`: a GAN on images of digits, into a run folder; and on from its newest checkpoint.
 */
import { existsSync } from 'node:fs';
import pc from 'picocolors';
import { Engine } from '../autograd/engine.js';
import { formatBytes, OutOfMemoryError } from '../gpu/errors.js';
import { openDevice } from '../host/node.js';
import { tuningFile } from '../host/tuningFile.js';
import { GanRun, type RunContext } from '../training/ganRun.js';
import { DivergedError } from '../training/ganTraining.js';
import type { RunArguments } from '../training/runDescription.js';
import { RunFolder } from '../training/runFolder.js';
import { chooseDataset, DATA_KINDS } from './data.js';
import { Output } from './output.js';
import { duration, TrainingProgress } from './progress.js';
import { StopSignals } from './stopSignals.js';
import { PRESETS, type TrainFlags } from './trainFlags.js';
import { UsageError } from './usageError.js';
import { versions } from './versions.js';

const KEEP = 3;

/** Trains a new run. */
export async function startRun(flags: TrainFlags): Promise<void> {
  const args = runArguments(flags);
  const output = new Output(flags.json === true);
  const data = { kind: flags.data, folder: flags.dataDir, seed: flags.seed, say: output.say };
  const path = flags.out ?? defaultFolder(flags);
  await withRun(flags, output, data, (context) => GanRun.create(path, args, context));
}

/** Goes on with the run in a folder. */
export async function resumeRun(flags: TrainFlags, path: string): Promise<void> {
  const output = new Output(flags.json === true);
  const opened = RunFolder.open(path);
  const { arguments: before, dataset } = opened.description;
  const args = {
    ...before,
    iterations: flags.iterations ?? before.iterations,
    checkpointEvery: flags.checkpointEvery ?? before.checkpointEvery,
    keep: flags.keep ?? before.keep,
  };
  if (opened.description.sessions.at(-1)?.outcome === 'finished' && args.iterations === before.iterations) {
    opened.folder.close();
    const { iterations } = before;
    output.result({ run: path, outcome: 'finished', iterations }, () => [
      `${path} is finished, with ${iterations} iterations; --iterations of more goes on with it`,
    ]);
    return;
  }
  const kind = DATA_KINDS.find((known) => known === dataset.kind);
  if (kind === undefined) throw new Error(`${opened.folder.files.run}: ${dataset.kind} is no data of this program`);
  const data = { kind, folder: flags.dataDir ?? dataset.folder, seed: before.seed, say: output.say };
  await withRun(flags, output, data, (context) => {
    const description = { ...opened.description, arguments: args };
    const run = GanRun.resume({ folder: opened.folder, description }, context);
    for (const { message } of run.skipped) output.say(`skipped: ${message}`, true);
    warnOfChanges(run, context, output);
    const { done } = run.training;
    if (flags.iterations !== undefined && flags.iterations < done) {
      throw new UsageError(`--iterations ${flags.iterations}: the run has made ${done} already`);
    }
    output.say(done === 0 ? 'there is no checkpoint yet: from the start' : `from iteration ${done}`);
    return run;
  });
}

function runArguments(flags: TrainFlags): RunArguments {
  if (flags.data === 'digits' && flags.dataDir !== undefined) {
    throw new UsageError('--data digits draws its images, and takes no --data-dir');
  }
  const preset = PRESETS[flags.preset];
  const batch = flags.batch ?? preset.batch;
  if (flags.arch === 'article' && batch % 2 !== 0) {
    throw new UsageError(`--batch ${batch}: --arch article trains on two halves of a batch, so it takes an even one`);
  }
  const sampleEvery = flags.sampleEvery ?? preset.sampleEvery;
  return {
    architecture: flags.arch,
    zDim: flags.z,
    width: flags.width ?? preset.width,
    batch,
    iterations: flags.iterations ?? preset.iterations,
    sampleEvery,
    checkpointEvery: flags.checkpointEvery ?? sampleEvery,
    keep: flags.keep ?? KEEP,
    seed: flags.seed,
    preset: flags.preset,
  };
}

function defaultFolder({ z, arch }: TrainFlags): string {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const base = `runs/${stamp}-${arch}-z${z}`;
  let path = base;
  for (let number = 2; existsSync(path); number++) path = `${base}-${number}`;
  return path;
}

/** The same seed gives the same bits on the same device, driver and program alone. */
function warnOfChanges({ lastSession }: GanRun, { engine, versions: now }: RunContext, output: Output): void {
  if (lastSession === undefined) return;
  const before = JSON.stringify([lastSession.adapter, lastSession.versions]);
  const { name, driver } = engine.device.adapter;
  if (before === JSON.stringify([{ name, driver }, now])) return;
  output.say('the run was last on another device, driver or version: its bits may differ from here on', true);
}

/** Opens images and device, makes the run and trains it, and says how it went. */
async function withRun(
  flags: TrainFlags,
  output: Output,
  data: Parameters<typeof chooseDataset>[0],
  make: (context: RunContext) => GanRun,
): Promise<void> {
  const { say } = output;
  const stop = new StopSignals(() => say('stopping at the next iteration, with a checkpoint (once more ends at once)'));
  try {
    const { dataset, kind, folder } = await chooseDataset(data);
    const device = await openDevice({
      software: flags.software ?? false,
      ...(flags.adapter === undefined ? {} : { name: flags.adapter }),
    });
    try {
      const run = make({
        engine: new Engine(device, { measure: flags.tune, store: tuningFile() }),
        dataset,
        source: { kind, folder },
        versions: versions(),
        tuned: flags.tune,
        eager: flags.eager ?? false,
      });
      try {
        await train(run, output, stop);
      } finally {
        run.close();
      }
    } finally {
      device.destroy();
    }
  } finally {
    stop.release();
  }
}

async function train(run: GanRun, output: Output, stop: StopSignals): Promise<void> {
  const { say } = output;
  const { folder, training } = run;
  const { device } = training.engine;
  const { architecture, zDim, width, iterations } = training.options;
  const { generator, discriminator } = training.gan;
  const numbers = [generator, discriminator].map(({ parameterCount }) => parameterCount.toLocaleString('en'));
  say(`device  ${device.adapter.name} (${device.adapter.driver})`);
  say(`data    ${training.dataset.name}, ${training.dataset.count} images`);
  say(`run     ${folder.path}`);
  say(`model   ${architecture}, z ${zDim}, width ${width}: ${numbers.join(' + ')} numbers`);

  const started = performance.now();
  const first = training.done;
  let progress: TrainingProgress | undefined;
  let pictures: Readonly<Record<string, string>> = {};
  let outcome: 'finished' | 'stopped';
  try {
    outcome = await run.run(
      {
        tuning: (done, total, problem) => {
          if (done === 0) say('measuring kernels for this device (once; the choice is remembered) ...');
          if (output.isTerminal) process.stdout.write(`\r\x1b[K  ${done + 1}/${total} ${problem}`);
          if (output.isTerminal && done + 1 === total) process.stdout.write('\r\x1b[K');
        },
        ready: (memory) => {
          stop.nothingToSave = false;
          if (memory !== undefined) {
            const all = formatBytes(device.pool.bytes);
            say(`memory  ${all} on the GPU, of which ${formatBytes(memory.allocatedBytes)} for the step`);
          }
          if (first < iterations) say('the first iteration waits for the driver to compile the kernels ...');
          progress = new TrainingProgress(first, iterations, say, output.isTerminal);
        },
        metrics: (from, rows) => progress?.update(from + rows.length - 1, rows),
        pictures: (paths) => (pictures = paths),
      },
      stop.signal,
    );
  } catch (error) {
    throw explained(error, run);
  } finally {
    progress?.stop();
  }

  const seconds = (performance.now() - started) / 1000;
  const { done } = training;
  const checkpoint = run.newestCheckpoint;
  const summary = { run: folder.path, outcome, iterations: done, seconds, checkpoint, pictures };
  output.result({ ...summary, metrics: run.metrics.at(-1) }, () => [
    ...(outcome === 'stopped' ? [] : [`${done - first} iterations in ${duration(seconds)}: ${pc.bold(folder.path)}`]),
    ...(pictures.fixed === undefined ? [] : [`  ${pictures.fixed}  from the z that were the same all along`]),
    ...(pictures.fresh === undefined ? [] : [`  ${pictures.fresh}  from new z`]),
    ...(pictures.walk === undefined ? [] : [`  ${pictures.walk}  from one z to another`]),
    ...(done === 0 ? [] : [`  ${folder.files.curves}  losses and accuracy`]),
  ]);
  if (outcome === 'stopped') {
    say(`stopped after iteration ${done}; go on with: ${resumeLine(folder.path)}`, true);
    process.exitCode = stop.exitCode ?? 0;
  }
}

function resumeLine(path: string): string {
  return `node dist/cli train --resume ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)}`;
}

/** Adds to an error what is left of the run, and what to do. */
function explained(error: unknown, run: GanRun): unknown {
  if (!(error instanceof Error)) return error;
  const parts = [error.message.replace(/\.$/, '')];
  if (error instanceof OutOfMemoryError) parts.push('a smaller --batch or --width takes less');
  if (run.newestCheckpoint !== undefined) parts.push(`the last checkpoint is ${run.newestCheckpoint}`);
  if (error instanceof DivergedError) parts.push('another --seed or a larger --batch may train better');
  else if (!run.isEmpty) parts.push(`go on with: ${resumeLine(run.folder.path)}`);
  return new Error(parts.join('; '), { cause: error });
}
