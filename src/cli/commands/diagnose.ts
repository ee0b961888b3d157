/**
 * @file `diagnose`: evaluates the generator of a checkpoint.
 */
import { existsSync } from 'node:fs';
import { type Command, createCommand } from 'commander';
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { formatMetric, formatSingle } from '../../evaluation/metricText.js';
import { METRIC_NAMES, METRICS } from '../../evaluation/registry.js';
import { readDiagnoses } from '../../training/run/diagnosisLog.js';
import { readRun, runFiles } from '../../training/run/runFiles.js';
import { integer } from '../options/arguments.js';
import { type CheckpointFlags, chosenCheckpoint, withCheckpointFlags } from '../options/checkpointFlags.js';
import { chooseDataset, DATA_KINDS, type DataKind, dataOption, type DataRequest } from '../options/dataOptions.js';
import { type DeviceFlags, openWanted, withDeviceFlags } from '../options/deviceOptions.js';
import { Output } from '../terminal/output.js';
import { style } from '../terminal/style.js';
import { TextTable } from '../terminal/table.js';
import { tuningOptions } from '../terminal/tuningProgress.js';

interface DiagnoseFlags extends DeviceFlags, CheckpointFlags {
  readonly samples: number;
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly classifier?: string;
  readonly json?: boolean;
}

/** The command. */
export function diagnoseCommand(): Command {
  return withCheckpointFlags(withDeviceFlags(createCommand('diagnose')))
    .description('evaluate the generator of a checkpoint: has it collapsed?')
    .argument('<run>', "a run's folder, or a checkpoint")
    .option(
      '--samples <images>',
      `number of generated images, ${LEAST_SAMPLES} to ${MOST_SAMPLES}`,
      integer(LEAST_SAMPLES, MOST_SAMPLES),
      MOST_SAMPLES,
    )
    .addOption(dataOption())
    .option('--data-dir <folder>', 'folder of the four IDX files (default: that of the run)')
    .option('--classifier <file>', "evaluate with this classifier (default: the project's own)")
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli diagnose runs/my-run' +
        '\n  node dist/cli diagnose runs/my-run/checkpoints/003000.safetensors --data mnist --samples 2000' +
        '\n\ndocs/metrics.md explains each number.',
    )
    .action(async (path: string, flags: DiagnoseFlags) => {
      await diagnose(path, flags);
    });
}

async function diagnose(path: string, flags: DiagnoseFlags): Promise<void> {
  const { Engine } = await import('../../autograd/engine.js');
  const { diagnoseCheckpoint } = await import('../../training/checkpoint/checkpointDiagnosis.js');
  const { findCheckpoint } = await import('../../training/checkpoint/trainedGenerator.js');
  const { openEvaluator } = await import('../../training/checkpoint/openEvaluator.js');
  const { requireClassifier } = await import('../options/evaluationOptions.js');
  const output = new Output(flags.json === true);
  output.phase('reading the checkpoint');
  const { checkpoint, skipped } = findCheckpoint(path, chosenCheckpoint(flags));
  for (const { message } of skipped) output.say(`skipped: ${message}`, true);
  const looks = existsSync(runFiles(path).run) ? readDiagnoses(runFiles(path).diagnoses) : [];
  const request = dataOf(path, flags, output);
  const { dataset } = await chooseDataset(request);
  const { dataset: heldOut } = await chooseDataset({ ...request, split: 'test' });
  const chosen = requireClassifier(flags.classifier, dataset);
  output.phase('opening the device');
  const device = await openWanted(flags);
  try {
    const engine = new Engine(device, tuningOptions(output, device.adapter, false));
    output.say(`comparing ${flags.samples} samples with ${dataset.name} ...`);
    const progress = output.evaluation('diagnosing');
    const evaluator = await openEvaluator(engine, dataset, chosen, { samples: flags.samples, heldOut })(progress);
    const diagnosis = await diagnoseCheckpoint(engine, evaluator, checkpoint, looks, progress);
    evaluator.dispose();
    output.result({ checkpoint: checkpoint.path, dataset: dataset.name, classifier: chosen, diagnosis }, () => [
      `${checkpoint.path}: ${style.bold(diagnosis.verdict.name)} (${diagnosis.verdict.reasons.join(', ')})`,
      ...table(diagnosis),
    ]);
  } finally {
    device.destroy();
  }
}

/** The run's training images, unless flags name others. */
function dataOf(path: string, flags: DiagnoseFlags, output: Output): DataRequest {
  const { say } = output;
  const named = { kind: flags.data, folder: flags.dataDir, seed: '1', say, output };
  if (flags.data !== 'auto' || !existsSync(runFiles(path).run)) return named;
  const { dataset, arguments: args } = readRun(path);
  const kind = DATA_KINDS.find((known) => known === dataset.kind) ?? flags.data;
  return { kind, folder: flags.dataDir ?? dataset.folder, seed: args.seed, say, output };
}

/** One row for each metric that was measured, with its interval or its meaning. */
function table({ metrics, intervals }: Diagnosis): string[] {
  const grid = new TextTable([
    ['', 'left'],
    ['value', 'right'],
    ['', 'left'],
  ]);
  for (const name of METRIC_NAMES) {
    const value = metrics[name];
    if (value === null) continue;
    const interval = intervals[name];
    const { title, about } = METRICS[name];
    const ends = interval && `95 %: ${formatMetric(name, interval.low)} to ${formatMetric(name, interval.high)}`;
    grid.push([title, formatSingle(name, value), ends ?? about]);
  }
  return grid.lines;
}
