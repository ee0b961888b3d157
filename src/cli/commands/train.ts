/**
 * @file `train`: trains a GAN into a run folder, or resumes one from its newest checkpoint.
 */
import { existsSync } from 'node:fs';
import { type Command, createCommand } from 'commander';
import type { ImageDataset } from '../../data/dataset.js';
import type { VerdictName } from '../../evaluation/diagnosis.js';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { FolderLostError } from '../../files/lock.js';
import { summariseObjective } from '../../gan/objective.js';
import { SETTING_NAMES } from '../../gan/settings.js';
import { formatBytes, OutOfMemoryError } from '../../gpu/errors.js';
import { versions } from '../../host/node/versions.js';
import type { GanRun, GanRunContext } from '../../training/gan/ganRun.js';
import { reopenOptions } from '../../training/run/reopenImages.js';
import type { RunArguments } from '../../training/run/runDescription.js';
import { RUN, runFiles } from '../../training/run/runFiles.js';
import { checkUnused, RunFolder } from '../../training/run/runFolder.js';
import { resumedSettings, RUN_SETTINGS, runSettings } from '../../training/run/runSettings.js';
import { firstTimes, referenceIteration } from '../../training/run/timeLeft.js';
import { divergence, type TrainingResult } from '../../training/trainer.js';
import { integer } from '../options/arguments.js';
import { chooseDataset, DATA_KINDS, type DataKind, dataOption, type DataRequest } from '../options/dataOptions.js';
import { defaultFolder } from '../options/defaultFolder.js';
import { type DeviceFlags, openWanted, withDeviceFlags } from '../options/deviceOptions.js';
import type { EvaluationArguments } from '../options/evaluationOptions.js';
import { chooseObjective, type ObjectiveFlags, withObjectiveFlags } from '../options/objectiveFlags.js';
import { type RunFlags, withRunFlags } from '../options/runFlags.js';
import { UsageError } from '../options/usageError.js';
import { exitCodeOf, exitCodes, VERDICT_EXITS, verdictNames } from '../options/verdicts.js';
import { Output } from '../terminal/output.js';
import { tellParent } from '../terminal/parent.js';
import { duration } from '../terminal/progress.js';
import { printResumed, resumeLine } from '../terminal/resume.js';
import { StopSignals } from '../terminal/stopSignals.js';
import { style } from '../terminal/style.js';
import { Smoothed, TrainingProgress } from '../terminal/trainingProgress.js';
import { printTuning, tuningOptions } from '../terminal/tuningProgress.js';

export interface TrainFlags extends DeviceFlags, ObjectiveFlags, RunFlags {
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly tune: boolean;
  readonly eager?: boolean;
  /** Images of an evaluation, 0 for none. */
  readonly diagnose?: number | undefined;
  readonly classifier?: string;
  readonly stopOn?: readonly VerdictName[];
  readonly patience: number;
  readonly json?: boolean;
}

/** Flags that are fixed when a run is created. */
const FIXED: readonly string[] = [
  ...RUN_SETTINGS.flatMap(({ name, canChange }) => (canChange === true ? [] : [name])),
  ...['data', 'out'],
  ...SETTING_NAMES,
];

/** Flags of settings that a resumed run may change. */
const CHANGEABLE = RUN_SETTINGS.flatMap(({ flagName, canChange }) => (canChange === true ? [flagName] : []));

const HELP = `
Examples:
  node dist/cli train --z 100 --data-dir path/to/mnist --iterations 1000
  node dist/cli train --z 2 --loss wgan-gp --data-dir path/to/mnist
  node dist/cli train --resume runs/20260101-120000-dcgan-z100
  node dist/cli train --resume runs/20260101-120000-dcgan-z100 --iterations 6000

--stop-on ends the process with an exit code of its own: ${exitCodes()}.
Ctrl-C stops at the next iteration with a checkpoint (exit code 130); a second one ends at once.
With --resume, only ${CHANGEABLE.join(', ')}, --data-dir, --diagnose, --classifier, --stop-on, --patience, the device's flags and --json may be given.`;

/** The command with its flags. */
export function trainCommand(): Command {
  const command = withDeviceFlags(createCommand('train')).description(
    'train a GAN, and write its losses, pictures and checkpoints into a run folder',
  );
  withObjectiveFlags(withRunFlags(command))
    .addOption(dataOption(DATA_KINDS))
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--out <folder>', 'the run folder (default: one in runs/ named after the time)')
    .option('--resume <run>', 'go on with a run from its newest checkpoint, with the same bits as if never stopped')
    .option('--no-tune', 'take fixed kernels instead of measuring which are fastest')
    .option('--eager', 'run kernel by kernel instead of replaying a recording (same bits, slower)')
    .option(
      '--diagnose <samples>',
      `with each set of pictures, look at so many images for collapse, ${LEAST_SAMPLES} to ${MOST_SAMPLES}; 0 for never ` +
        '(default: 1000, where the project has a classifier for the data; stacked images are not looked at)',
      integer(0, MOST_SAMPLES),
    )
    .option('--classifier <file>', 'look by this classifier (default: the one that comes with the project)')
    .option(
      '--stop-on <verdicts>',
      `stop when one of these verdicts stands, between commas: ${Object.keys(VERDICT_EXITS).join(', ')}`,
      verdictNames,
    )
    .option('--patience <looks>', 'looks in a row that must agree before --stop-on stops', integer(1), 2)
    .option('--json', 'tell the result as JSON on stdout, and the progress on stderr')
    .addHelpText('after', HELP);
  return command.action(async (flags: TrainFlags) => {
    if (flags.resume === undefined) return startRun(flags);
    const fixed = FIXED.find((name) => command.getOptionValueSource(name) === 'cli');
    if (fixed === undefined) return resumeRun(flags, flags.resume);
    const flag = command.options.find((option) => option.attributeName() === fixed)?.long ?? fixed;
    throw new UsageError(`${flag} cannot be given with --resume: this setting is fixed when a run is created`);
  });
}

/** Weight of the past in the losses that are shown. */
const LOSS_SMOOTHING = 0.9;

/** Trains a new run. */
async function startRun(flags: TrainFlags): Promise<void> {
  const { GanRun } = await import('../../training/gan/ganRun.js');
  const { chooseEvaluation } = await import('../options/evaluationOptions.js');
  const args = runArguments(flags);
  const output = new Output(flags.json === true);
  const data = { kind: flags.data, folder: flags.dataDir, seed: args.seed, say: output.say, output };
  const loss = flags.loss === undefined ? '' : `-${flags.loss}`;
  if (flags.out !== undefined) checkUnused(RUN, flags.out);
  const place = flags.out ?? defaultFolder('runs', `${args.architecture}${loss}-z${args.zDim}`);
  const look = (dataset: ImageDataset): EvaluationArguments | undefined => chooseEvaluation(flags, dataset, output);
  await withRun(flags, output, { ...data, objective: args.objective }, look, (context, looking) => {
    return GanRun.create(place, withLooks(args, looking), context);
  });
}

function withLooks(args: RunArguments, looking: EvaluationArguments | undefined): RunArguments {
  const { diagnosis, ...others } = args;
  if (looking !== undefined) return { ...args, diagnosis: looking };
  return diagnosis === undefined ? args : others;
}

/** Goes on with the run in a folder. */
async function resumeRun(flags: TrainFlags, path: string): Promise<void> {
  const { GanRun } = await import('../../training/gan/ganRun.js');
  const { chooseEvaluationAgain } = await import('../options/evaluationOptions.js');
  const output = new Output(flags.json === true);
  const folder = RunFolder.open(RUN, path);
  const { arguments: before, dataset, sessions } = folder.description;
  const args = { ...before, ...resumedSettings(before, flags) };
  if (sessions.at(-1)?.outcome === 'finished' && args.iterations === before.iterations) {
    folder.close();
    const { iterations } = before;
    const checkpoint = folder.checkpoints.list()[0];
    output.result({ run: path, outcome: 'finished', iterations, checkpoint }, () => [
      `${path} is finished, with ${iterations} iterations; --iterations of more goes on with it`,
    ]);
    return;
  }
  const data = {
    ...reopenOptions(runFiles(path).run, dataset, flags.dataDir),
    seed: before.seed,
    say: output.say,
    output,
    objective: before.objective,
  };
  await withRun(
    flags,
    output,
    data,
    (images) => chooseEvaluationAgain(flags, before.diagnosis, images, output),
    (context, diagnosis) => {
      const run = GanRun.resume(folder, context, withLooks(args, diagnosis));
      printResumed(run, context, output);
      const { done } = run;
      if (flags.iterations !== undefined && flags.iterations < done) {
        throw new UsageError(`--iterations ${flags.iterations}: the run has made ${done} already`);
      }
      output.say(done === 0 ? 'there is no checkpoint yet: from the start' : `from iteration ${done}`);
      return run;
    },
  );
}

function runArguments(flags: TrainFlags): RunArguments {
  if (flags.data === 'digits' && flags.dataDir !== undefined) {
    throw new UsageError('--data digits draws its images and takes no --data-dir');
  }
  const settings = runSettings(flags);
  const { architecture, batch } = settings;
  const { objective, schedule } = chooseObjective(architecture, flags, settings);
  if (schedule === 'splitBatch' && batch % 2 !== 0) {
    throw new UsageError(
      `--batch ${batch}: --arch ${architecture} trains on two halves of a batch, so it takes an even one`,
    );
  }
  return { ...settings, ...(objective === undefined ? {} : { objective }) };
}

/** Opens images and device, makes the run and trains it, and says how it went. */
async function withRun(
  flags: TrainFlags,
  output: Output,
  data: DataRequest & Pick<RunArguments, 'objective'>,
  look: (dataset: ImageDataset) => EvaluationArguments | undefined,
  make: (context: GanRunContext, looking: EvaluationArguments | undefined) => GanRun,
): Promise<void> {
  const { Engine } = await import('../../autograd/engine.js');
  const { openHeldOut } = await import('../options/evaluationOptions.js');
  const { openEvaluator } = await import('../../training/checkpoint/openEvaluator.js');
  const { say } = output;
  const stop = StopSignals.ofTraining(say);
  try {
    const chosen = await chooseDataset(data);
    output.phase('opening the device');
    const { dataset, kind, folder } = chosen;
    const looking = look(dataset);
    const heldOut = looking === undefined ? undefined : await openHeldOut(data.objective, chosen, data.seed, output);
    const device = await openWanted(flags);
    try {
      const engine = new Engine(device, tuningOptions(output, flags.tune));
      const context = {
        engine,
        dataset,
        source: { kind, folder },
        versions: versions(),
        tuned: flags.tune,
        eager: flags.eager ?? false,
        command: process.argv.slice(2),
        stopOn: flags.stopOn && { verdicts: flags.stopOn, patience: flags.patience },
        ...(looking === undefined ? {} : { evaluator: openEvaluator(engine, dataset, looking, looking), heldOut }),
      };
      output.phase('making the networks');
      const run = make(context, looking);
      output.endPhases();
      try {
        const moved = flags.resume === undefined ? undefined : flags.dataDir;
        const onward = resumeLine('train', run.folder.path, moved);
        await train(run, output, stop, onward, flags.stopOn?.includes('diverged') === true);
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

/** Trains, with words for people on the way, and says how it went. */
async function train(
  run: GanRun,
  output: Output,
  stop: StopSignals,
  onward: string,
  stopsOnDivergence: boolean,
): Promise<void> {
  const { training } = run;
  const first = run.done;
  const started = performance.now();
  introduce(run, output);
  const { options } = training;
  const samples = run.evaluationSamples;
  const plan = { ...options, checkpointEvery: options.checkpointEvery ?? options.iterations, samples };
  const row = output.progress.row();
  const slowness = (iteration = referenceIteration(options)): number => iteration / referenceIteration(options);
  const progress = new TrainingProgress(row, {
    done: first,
    plan,
    first: (iteration) => firstTimes(samples, slowness(iteration)),
  });
  const losses = { generator: new Smoothed(LOSS_SMOOTHING), discriminator: new Smoothed(LOSS_SMOOTHING) };
  progress.before('compiling kernels');
  let result: TrainingResult;
  try {
    result = await run.run(
      {
        tuning: (done, total, problem) => {
          printTuning(output, done);
          progress.before('measuring kernels', `${done + 1}/${total} ${problem}`);
        },
        ready: (memory) => {
          stop.nothingToSave = false;
          if (memory !== undefined) {
            const all = formatBytes(training.engine.device.pool.bytes);
            output.say(`memory  ${all} on the GPU, of which ${formatBytes(memory.allocatedBytes)} for the step`);
          }
          const { iterations } = training.options;
          if (first < iterations) output.say('the first iteration waits for the driver to compile the kernels ...');
          progress.before('compiling kernels');
        },
        metrics: (from, rows) => {
          stop.nothingNew = false;
          let text = '';
          for (const { generatorLoss, discriminatorLoss } of rows) {
            const [g, d] = [losses.generator.add(generatorLoss), losses.discriminator.add(discriminatorLoss)];
            text = `G ${g.toFixed(3)}  D ${d.toFixed(3)}`;
          }
          progress.update(from + rows.length - 1, rows.length, text);
        },
        phase: (phase, step, done, total) => progress.phase(phase, step, done, total),
        phaseEnded: (phase) => progress.phaseEnded(phase),
        evaluation: ({ verdict, metrics }) => progress.tell(`${verdict.name} (${metrics.modes ?? 0} modes)`),
      },
      stop.signal,
    );
  } catch (error) {
    throw explained(error, run, onward);
  } finally {
    progress.stop();
  }
  if (result.outcome === 'diverged') {
    reportDivergence(run, result, { onward, stopsOnDivergence }, output);
    return;
  }
  const verdict = run.verdict;
  const seconds = (performance.now() - started) / 1000;
  tellParent({ type: 'ended', outcome: result.outcome });
  summarise(run, result.outcome, { first, seconds, verdict, onward }, output);
  if (verdict !== undefined) process.exitCode = exitCodeOf(verdict);
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
}

/** Divergence is an error, unless the user asked to stop on it. */
function reportDivergence(
  run: GanRun,
  result: TrainingResult,
  { onward, stopsOnDivergence }: { readonly onward: string; readonly stopsOnDivergence: boolean },
  output: Output,
): void {
  const { outcome, iteration, reason } = result;
  tellParent({ type: 'ended', outcome, error: divergence(result) });
  const message = `training diverged: ${divergence(result)}`;
  if (!stopsOnDivergence) throw explained(new Error(message), run, onward, true);
  output.say(`stopped on its verdict: ${message}`, true);
  output.result({ run: run.folder.path, outcome, verdict: 'diverged', iteration, reason });
  process.exitCode = exitCodeOf('diverged');
}

function introduce({ folder, training }: GanRun, { say }: Output): void {
  const { adapter } = training.engine.device;
  const { architecture, objective, zDim, width } = training.options;
  const { generator, discriminator } = training.gan;
  const numbers = [generator, discriminator].map(({ parameterCount }) => parameterCount.toLocaleString('en'));
  say(`device  ${adapter.name} (${adapter.driver})`);
  say(`data    ${training.dataset.name}, ${training.dataset.count} images`);
  say(`run     ${folder.path}`);
  if (objective !== undefined) say(`loss    ${summariseObjective(objective)}`);
  say(`model   ${architecture}, z ${zDim}, width ${width}: ${numbers.join(' + ')} numbers`);
}

function summarise(
  run: GanRun,
  outcome: TrainingResult['outcome'],
  {
    first,
    seconds,
    verdict,
    onward,
  }: { first: number; seconds: number; verdict: VerdictName | undefined; onward: string },
  output: Output,
): void {
  const { folder, newestCheckpoint: checkpoint, pictures, done } = run;
  const { curves } = runFiles(folder.path);
  const summary = { run: folder.path, outcome, iterations: done, seconds, checkpoint, pictures, verdict };
  const look = run.diagnoses.at(-1);
  output.result({ ...summary, metrics: run.metrics.at(-1), diagnosis: look }, () => [
    ...(outcome === 'stopped'
      ? []
      : [`${done - first} iterations in ${duration(seconds)}: ${style.bold(folder.path)}`]),
    ...(pictures.fixed === undefined ? [] : [`  ${pictures.fixed}  from the z that were the same all along`]),
    ...(pictures.fresh === undefined ? [] : [`  ${pictures.fresh}  from new z`]),
    ...(pictures.walk === undefined ? [] : [`  ${pictures.walk}  from one z to another`]),
    ...(look === undefined ? [] : [`  ${style.bold(look.verdict.name)}: ${look.verdict.reasons.join(', ')}`]),
    ...(existsSync(curves) ? [`  ${curves}  losses and accuracy`] : []),
  ]);
  if (outcome === 'stopped') {
    if (verdict !== undefined) output.say(`stopped on its verdict: ${verdict}`, true);
    output.say(`stopped after iteration ${done}; go on with: ${onward}`, true);
  }
}

/** Adds to an error what is left of the run, and what to do. */
function explained(error: unknown, run: GanRun, onward: string, isDiverged = false): unknown {
  // There is nothing to go on with where the folder is gone.
  if (!(error instanceof Error) || error instanceof FolderLostError) return error;
  const parts = [error.message.replace(/\.$/, '')];
  if (error instanceof OutOfMemoryError)
    parts.push(
      `a smaller ${run.training.options.objective?.unroll === undefined ? '' : '--unroll, '}--batch or --width takes less`,
    );
  if (run.newestCheckpoint !== undefined) parts.push(`the last checkpoint is ${run.newestCheckpoint}`);
  if (isDiverged) parts.push('another --seed or a larger --batch may train better');
  else if (!run.isEmpty) parts.push(`go on with: ${onward}`);
  return new Error(parts.join('; '), { cause: error });
}
