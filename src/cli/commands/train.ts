/**
 * @file `train`: trains a GAN into a run folder, or resumes one from its newest checkpoint.
 */
import { existsSync } from 'node:fs';
import { type Command, createCommand } from 'commander';
import type { OpenDatasetOptions } from '../../datasets/open.js';
import type { VerdictName } from '../../evaluation/diagnosis.js';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { describeBest } from '../../evaluation/metricText.js';
import type { NewFolder } from '../../files/folders.js';
import { FolderLostError } from '../../files/lock.js';
import { summariseObjective } from '../../gan/objective.js';
import { SETTING_NAMES } from '../../gan/settings.js';
import { OutOfMemoryError } from '../../gpu/errors.js';
import { versions } from '../../host/node/versions.js';
import type { GanRun, GanRunContext } from '../../training/gan/ganRun.js';
import { reopenOptions } from '../../training/run/reopenImages.js';
import type { RunArguments, RunDescription } from '../../training/run/runDescription.js';
import { RUN, runFiles } from '../../training/run/runFiles.js';
import { checkUnused, RunFolder } from '../../training/run/runFolder.js';
import { resumedSettings, RUN_SETTINGS, runSettings } from '../../training/run/runSettings.js';
import { firstTimes, referenceIteration } from '../../training/run/timeLeft.js';
import { divergence, type TrainingResult } from '../../training/trainer.js';
import { integer } from '../options/arguments.js';
import { chooseDataset, DATA_KINDS, type DataKind, dataOption } from '../options/dataOptions.js';
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
import { sharedCallbacks } from '../terminal/trainingCallbacks.js';
import { Smoothed, TrainingProgress } from '../terminal/trainingProgress.js';
import { tuningOptions } from '../terminal/tuningProgress.js';

export interface TrainFlags extends DeviceFlags, ObjectiveFlags, RunFlags {
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly tune?: boolean;
  readonly eager?: boolean;
  /** Images of an evaluation, 0 for none. */
  readonly diagnose?: number | undefined;
  readonly classifier?: string;
  readonly stopOn?: readonly VerdictName[];
  readonly patience: number;
  readonly picture: boolean;
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
    .option('--resume <run>', 'resume a run from its newest checkpoint, with the same bits as without the stop')
    .option(
      '--tune',
      'measure anew which kernels are fastest (default: only on an adapter without shipped measurements)',
    )
    .option('--no-tune', 'measure no kernels: use known ones')
    .option('--eager', 'run kernel by kernel instead of replaying a recording (same bits, slower)')
    .option(
      '--diagnose <samples>',
      `number of images that an evaluation with each set of pictures measures, ${LEAST_SAMPLES} to ${MOST_SAMPLES}; 0: no ` +
        'evaluations (default: 1000 if the project has a classifier for the data; stacked images are not evaluated)',
      integer(0, MOST_SAMPLES),
    )
    .option('--classifier <file>', 'classifier of the evaluations (default: the one that comes with the project)')
    .option(
      '--stop-on <verdicts>',
      `stop at one of these verdicts, separated by commas: ${Object.keys(VERDICT_EXITS).join(', ')}`,
      verdictNames,
    )
    .option('--patience <evaluations>', 'consecutive evaluations that must agree before --stop-on stops', integer(1), 2)
    .option('--no-picture', 'do not draw the first and the last images in the terminal')
    .option('--json', 'print the result as JSON on stdout, and the progress on stderr')
    .addHelpText('after', HELP);
  return command.action(async (flags: TrainFlags) => {
    if (flags.resume !== undefined) checkResumeFlags(command);
    const output = new Output(flags.json === true);
    const plan = flags.resume === undefined ? planRun(flags) : planResume(flags, flags.resume, output);
    if (plan === undefined) return;
    try {
      await runPlan(plan, flags, output);
    } finally {
      if (plan.folder instanceof RunFolder) plan.folder.close();
    }
  });
}

/** @throws UsageError for a flag that is fixed when a run is created */
function checkResumeFlags(command: Command): void {
  const fixed = FIXED.find((name) => command.getOptionValueSource(name) === 'cli');
  if (fixed === undefined) return;
  const flag = command.options.find((option) => option.attributeName() === fixed)?.long ?? fixed;
  throw new UsageError(`${flag} cannot be given with --resume: this setting is fixed when a run is created`);
}

/** Weight of the past in the displayed losses. */
const LOSS_SMOOTHING = 0.9;

/** What to train: a new run, or a stored one. */
interface TrainPlan {
  readonly args: RunArguments;
  readonly data: OpenDatasetOptions & { readonly kind: DataKind };
  /** The folder of a new run, or the opened folder of a stored one. */
  readonly folder: NewFolder | RunFolder<RunDescription>;
}

/** Plans a new run. */
function planRun(flags: TrainFlags): TrainPlan {
  const args = runArguments(flags);
  const loss = flags.loss === undefined ? '' : `-${flags.loss}`;
  if (flags.out !== undefined) checkUnused(RUN, flags.out);
  const folder = flags.out ?? defaultFolder('runs', `${args.architecture}${loss}-z${args.zDim}`);
  return { args, data: { kind: flags.data, folder: flags.dataDir }, folder };
}

/** Plans to resume the run in a folder. Undefined, with a message, if the run is finished. */
function planResume(flags: TrainFlags, path: string, output: Output): TrainPlan | undefined {
  const folder = RunFolder.open(RUN, path);
  const { arguments: before, dataset, sessions } = folder.description;
  const args = { ...before, ...resumedSettings(before, flags) };
  if (sessions.at(-1)?.outcome !== 'finished' || args.iterations !== before.iterations) {
    return { args, data: reopenOptions(runFiles(path).run, dataset, flags.dataDir), folder };
  }
  folder.close();
  const { iterations } = before;
  const checkpoint = folder.checkpoints.list()[0];
  output.result({ run: path, outcome: 'finished', iterations, checkpoint }, () => [
    `${path} is finished, with ${iterations} iterations; a larger --iterations trains it further`,
  ]);
  return undefined;
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

/** Opens images and device, creates or resumes the run, and trains it. */
async function runPlan({ args, data, folder }: TrainPlan, flags: TrainFlags, output: Output): Promise<void> {
  const [{ Engine }, { GanRun }, { openEvaluator }, evaluations] = await Promise.all([
    import('../../autograd/engine.js'),
    import('../../training/gan/ganRun.js'),
    import('../../training/checkpoint/openEvaluator.js'),
    import('../options/evaluationOptions.js'),
  ]);
  const { seed, objective } = args;
  const stop = StopSignals.ofTraining(output.say);
  try {
    const chosen = await chooseDataset({ ...data, seed, say: output.say, output });
    output.phase('opening the device');
    const { dataset, kind, folder: source } = chosen;
    const evaluation =
      folder instanceof RunFolder
        ? evaluations.chooseEvaluationAgain(
            { ...flags, keepBest: args.keepBest },
            folder.description.arguments.diagnosis,
            dataset,
            output,
          )
        : evaluations.chooseEvaluation(flags, dataset, output);
    const heldOut =
      evaluation === undefined ? undefined : await evaluations.openHeldOut(objective, chosen, seed, output);
    const device = await openWanted(flags);
    try {
      const engine = new Engine(device, tuningOptions(output, device.adapter, flags.tune));
      const context = {
        engine,
        dataset,
        source: { kind, folder: source },
        versions: versions(),
        tuned: flags.tune !== false,
        eager: flags.eager ?? false,
        command: process.argv.slice(2),
        stopOn: flags.stopOn && { verdicts: flags.stopOn, patience: flags.patience },
        ...(evaluation === undefined
          ? {}
          : { evaluator: openEvaluator(engine, dataset, evaluation, evaluation), heldOut }),
      };
      output.phase('making the networks');
      const evaluated = withEvaluation(args, evaluation);
      const isNew = !(folder instanceof RunFolder);
      const run = isNew ? GanRun.create(folder, evaluated, context) : GanRun.resume(folder, context, evaluated);
      try {
        if (!isNew) introduceResumed(run, context, flags, output);
        output.endPhases();
        const resume = resumeLine('train', run.folder.path, isNew ? undefined : flags.dataDir);
        await train(run, output, stop, {
          resume,
          picture: flags.picture,
          stopsOnDivergence: flags.stopOn?.includes('diverged') === true,
        });
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

function withEvaluation(args: RunArguments, evaluation: EvaluationArguments | undefined): RunArguments {
  const { diagnosis, ...others } = args;
  if (evaluation !== undefined) return { ...args, diagnosis: evaluation };
  return diagnosis === undefined ? args : others;
}

/** @throws UsageError for fewer --iterations than the run has */
function introduceResumed(run: GanRun, context: GanRunContext, { iterations }: TrainFlags, output: Output): void {
  printResumed(run, context, output);
  const { done } = run;
  if (iterations !== undefined && iterations < done) {
    throw new UsageError(`--iterations ${iterations}: the run already has ${done} iterations`);
  }
  output.say(done === 0 ? 'there is no checkpoint yet: starting from the beginning' : `from iteration ${done}`);
}

/** Trains with progress on the terminal, and prints the result. */
async function train(
  run: GanRun,
  output: Output,
  stop: StopSignals,
  {
    resume,
    picture,
    stopsOnDivergence,
  }: { readonly resume: string; readonly picture: boolean; readonly stopsOnDivergence: boolean },
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
  let isShown = false;
  let result: TrainingResult;
  try {
    result = await run.run(
      {
        ...sharedCallbacks({
          device: training.engine.device,
          output,
          stop,
          progress,
          isUnfinished: first < training.options.iterations,
        }),
        metrics: (from, rows) => {
          stop.nothingNew = false;
          let text = '';
          for (const { generatorLoss, discriminatorLoss } of rows) {
            const [g, d] = [losses.generator.add(generatorLoss), losses.discriminator.add(discriminatorLoss)];
            text = `G ${g.toFixed(3)}  D ${d.toFixed(3)}`;
          }
          progress.update(from + rows.length - 1, rows.length, text);
        },
        samples: ({ iteration, fixed }) => {
          const isFirst = !isShown;
          isShown = true;
          if (isFirst) output.say(`picture ${run.pictures.fixed ?? ''}, after ${iteration} iterations`);
          if (picture && (isFirst || iteration === options.iterations)) output.picture(fixed, training.dataset);
        },
        evaluation: ({ verdict, metrics }) => progress.tell(`${verdict.name} (${metrics.modes ?? 0} modes)`),
      },
      stop.signal,
    );
  } catch (error) {
    throw explained(error, run, resume);
  } finally {
    progress.stop();
  }
  if (result.outcome === 'diverged') {
    reportDivergence(run, result, { resume, stopsOnDivergence }, output);
    return;
  }
  const verdict = run.verdict;
  const seconds = (performance.now() - started) / 1000;
  tellParent({ type: 'ended', outcome: result.outcome });
  summarise(run, result.outcome, { first, seconds, verdict, resume }, output);
  if (verdict !== undefined) process.exitCode = exitCodeOf(verdict);
  if (stop.exitCode !== undefined) process.exitCode = stop.exitCode;
}

/** Divergence is an error, unless the user asked to stop on it. */
function reportDivergence(
  run: GanRun,
  result: TrainingResult,
  { resume, stopsOnDivergence }: { readonly resume: string; readonly stopsOnDivergence: boolean },
  output: Output,
): void {
  const { outcome, iteration, reason } = result;
  tellParent({ type: 'ended', outcome, error: divergence(result) });
  const message = `training diverged: ${divergence(result)}`;
  if (!stopsOnDivergence) throw explained(new Error(message), run, resume, true);
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
    resume,
  }: { first: number; seconds: number; verdict: VerdictName | undefined; resume: string },
  output: Output,
): void {
  const { folder, newestCheckpoint: checkpoint, pictures, done } = run;
  const { curves } = runFiles(folder.path);
  const summary = { run: folder.path, outcome, iterations: done, seconds, checkpoint, pictures, verdict };
  const evaluation = run.diagnoses.at(-1);
  const { best } = run;
  output.result({ ...summary, metrics: run.metrics.at(-1), diagnosis: evaluation, best }, () => [
    ...(outcome === 'stopped'
      ? []
      : [`${done - first} iterations in ${duration(seconds)}: ${style.bold(folder.path)}`]),
    ...(pictures.fixed === undefined ? [] : [`  ${pictures.fixed}  from the same z throughout training`]),
    ...(pictures.fresh === undefined ? [] : [`  ${pictures.fresh}  from new z`]),
    ...(pictures.walk === undefined ? [] : [`  ${pictures.walk}  from one z to another`]),
    ...(evaluation === undefined
      ? []
      : [`  ${style.bold(evaluation.verdict.name)}: ${evaluation.verdict.reasons.join(', ')}`]),
    ...(best === undefined
      ? []
      : [`  ${folder.checkpoints.pathOf(best.iteration)}  the best checkpoint: ${describeBest(best)}`]),
    ...(existsSync(curves) ? [`  ${curves}  losses and accuracy`] : []),
  ]);
  if (outcome === 'stopped') {
    if (verdict !== undefined) output.say(`stopped on its verdict: ${verdict}`, true);
    output.say(`stopped after iteration ${done}; resume with: ${resume}`, true);
  }
}

/** Adds the last checkpoint and a remedy to an error. */
function explained(error: unknown, run: GanRun, resume: string, isDiverged = false): unknown {
  // A lost folder cannot be resumed.
  if (!(error instanceof Error) || error instanceof FolderLostError) return error;
  const parts = [error.message.replace(/\.$/, '')];
  if (error instanceof OutOfMemoryError)
    parts.push(
      `a smaller ${run.training.options.objective?.unroll === undefined ? '' : '--unroll, '}--batch or --width takes less`,
    );
  if (run.newestCheckpoint !== undefined) parts.push(`the last checkpoint is ${run.newestCheckpoint}`);
  if (isDiverged) parts.push('another --seed or a larger --batch may train better');
  else if (!run.isEmpty) parts.push(`resume with: ${resume}`);
  return new Error(parts.join('; '), { cause: error });
}
