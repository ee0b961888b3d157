/**
 * @file `study`: trains a GAN at each of several dimensions of z, measures all, and writes one report.
 */
import { type Command, createCommand } from 'commander';
import { VERDICTS } from '../../evaluation/diagnosis.js';
import { formatMetric } from '../../evaluation/metricText.js';
import { METRICS, metricsWith } from '../../evaluation/registry.js';
import { complaintsOf, type Results } from '../../study/measure/results.js';
import { readStudy, studyFiles } from '../../study/plan/studyFolder.js';
import { Z_DIMS } from '../../study/plan/studyPlan.js';
import { shownInstant } from '../../training/run/instants.js';
import { DEFAULT_PRESET } from '../../training/run/presets.js';
import { REFERENCE_DEVICE } from '../../training/run/timeLeft.js';
import { defaultFolder } from '../options/defaultFolder.js';
import { withDeviceFlags } from '../options/deviceOptions.js';
import { withObjectiveFlags } from '../options/objectiveFlags.js';
import { checkAsked, conductOptions, newSettings, type StudyFlags, withStudyFlags } from '../options/studyOptions.js';
import { UsageError } from '../options/usageError.js';
import { Output } from '../terminal/output.js';
import { resumeLine } from '../terminal/resume.js';
import { StopSignals } from '../terminal/stopSignals.js';
import { style } from '../terminal/style.js';
import { type TableColumn, TextTable } from '../terminal/table.js';

const HELP = `
Examples:
  node dist/cli study --z 100,50,10,2,1 --seeds 3 --preset standard --data-dir path/to/mnist
  node dist/cli study --z 2 --loss wgan-gp --out studies/wgan-gp
  node dist/cli study --preset article --data mnist --out studies/article
  node dist/cli study --out studies/article                 # resumes it
  node dist/cli study --out studies/article --only-report   # redraws its report

The study first prints the number of runs and the estimated time on ${REFERENCE_DEVICE}. On a terminal, it asks for
confirmation. Ctrl-C stops all runs with checkpoints (exit code 130). --out FOLDER resumes a study on the same images;
--data-dir names their folder if they have moved. A diverged run is final; a failed run is tried again on resume (exit
code 1). Damaged runs are reported, all others are measured and drawn (exit code 1); to train a run again, move its folder
away.`;

/** The command with its flags. */
export function studyCommand(): Command {
  const command = withDeviceFlags(createCommand('study')).description(
    'train a GAN at each of several dimensions of z, measure all, and report the effect of the dimension',
  );
  withStudyFlags(command, {
    zDims: Z_DIMS,
    out: "the study's folder, new or to resume (default: a new one in studies/)",
  });
  withObjectiveFlags(command).addHelpText('after', HELP);
  return command.action((flags: StudyFlags) => runStudy(flags));
}

async function runStudy(flags: StudyFlags): Promise<void> {
  const output = new Output(flags.json === true);
  const { out } = flags;
  if (flags.onlyReport === true && out === undefined) {
    throw new UsageError('--only-report redraws the report of a study: --out names its folder');
  }
  const existing = out === undefined ? undefined : readStudy(out);
  if (out !== undefined && existing !== undefined) checkAsked(out, 'study', existing, flags);
  const isNew = existing === undefined && flags.onlyReport !== true;
  const settings = isNew ? { settings: newSettings(flags, Z_DIMS) } : {};
  const [{ study }, { StudyDisplay }] = await Promise.all([
    import('../../study/study.js'),
    import('../terminal/studyProgress.js'),
  ]);
  const stop = StopSignals.ofStudies(output.say);
  try {
    const display = new StudyDisplay(output, flags, stop);
    const { outcome, path, failures, results } = await study(
      {
        folder: out ?? defaultFolder('studies', flags.preset ?? DEFAULT_PRESET),
        ...settings,
        ...conductOptions(flags, stop.signal),
      },
      {
        ...display.callbacks,
        opened: ({ path: folder, description }, created) => {
          display.begin([description.settings]);
          output.say(`study   ${folder}${created ? '' : `, created ${shownInstant(description.created)}`}`);
        },
      },
    );
    if (path === undefined) return;
    if (results !== undefined) printResults(path, results, output);
    const resume = resumeLine('study', path, flags.dataDir);
    if (outcome === 'stopped') {
      output.say(`stopped; resume with: ${resume}`, true);
      process.exitCode = stop.exitCode ?? 0;
    } else if (failures.length > 0) {
      const problems = failures.map(({ run, problem }) => `${run.name}: ${problem}`);
      throw new Error(`failed: ${problems.join('; ')}; try again with: ${resume}`);
    }
  } finally {
    stop.release();
  }
}

/** Columns of the table. */
const COLUMNS = metricsWith(({ table: place }) => place === 'terminal');

function printResults(path: string, results: Results, output: Output): void {
  const { report, results: numbers } = studyFiles(path);
  const { dimensions } = results;
  output.complain(complaintsOf(results));
  output.result({ study: path, report, results: numbers, dimensions }, () => [
    ...table(results),
    `  ${style.bold(report)}  opens in a browser`,
    `  ${numbers}  the numbers`,
  ]);
}

function table({ dimensions }: Results): string[] {
  const numbered = COLUMNS.map((name): TableColumn => [METRICS[name].title, 'right']);
  const grid = new TextTable([['z_dim', 'right'], ['verdict', 'left'], ...numbered]);
  for (const { zDim, verdicts, metrics } of dimensions) {
    const given = VERDICTS.filter((name) => verdicts[name] > 0).map((name) => `${verdicts[name]} ${name}`);
    const numbers = COLUMNS.map((name) => {
      const spread = metrics[name];
      if (spread === null) return '–';
      const { mean, deviation } = spread;
      return `${formatMetric(name, mean)}${deviation === null ? '' : ` ± ${formatMetric(name, deviation)}`}`;
    });
    grid.push([zDim.toString(), given.join(', ') || '–', ...numbers]);
  }
  return grid.lines;
}
