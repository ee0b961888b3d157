/**
 * @file `compare`: trains by several methods at several dimensions of z, and compares the modes that they keep.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Command, createCommand, Help } from 'commander';
import { LOSS_NAMES } from '../../gan/losses.js';
import type { ComparedMethod } from '../../study/compare.js';
import { type ComparisonDescription, comparisonFiles, readComparison } from '../../study/comparison/comparison.js';
import type { ComparisonResults } from '../../study/comparison/comparisonResults.js';
import { cellsOf, HEADINGS } from '../../study/comparison/comparisonTable.js';
import { conditionsOf } from '../../study/comparison/conditions.js';
import { COMPARED_Z_DIMS } from '../../study/comparison/presets.js';
import { StudyError } from '../../study/plan/studyDescription.js';
import { DEFAULT_PRESET } from '../../training/run/presets.js';
import { REFERENCE_DEVICE } from '../../training/run/timeLeft.js';
import { defaultFolder } from '../options/defaultFolder.js';
import { withDeviceFlags } from '../options/deviceOptions.js';
import { METHOD_SETTINGS, parseMethod, plainMethod } from '../options/method.js';
import { requestedObjective, chooseObjective, type ObjectiveFlags } from '../options/objectiveFlags.js';
import { checkAsked, conductOptions, newSettings, type StudyFlags, withStudyFlags } from '../options/studyOptions.js';
import { UsageError } from '../options/usageError.js';
import { Output } from '../terminal/output.js';
import { resumeLine } from '../terminal/resume.js';
import { StopSignals } from '../terminal/stopSignals.js';
import { style } from '../terminal/style.js';
import { type TableColumn, TextTable } from '../terminal/table.js';

/** Methods have the settings of the objective. */
type CompareFlags = Omit<StudyFlags, keyof ObjectiveFlags>;

/** Width of the help below the flags. */
const COLUMNS = 120;

const HELP = `
A method is a loss and further settings: "wgan-gp critic-steps=2", "bce pack=2 unroll=5". The settings are flags of
train without their dashes (docs/losses.md):
${new Help().boxWrap(METHOD_SETTINGS.join(', '), COLUMNS)}

Examples:
  node dist/cli compare bce wgan-gp hinge --z 50,2,1 --data-dir path/to/mnist
  node dist/cli compare bce "bce label-smoothing=0.1" --z 2 --seeds 3 --preset standard
  node dist/cli compare --out comparisons/losses                 # resumes it
  node dist/cli compare --out comparisons/losses --only-report   # redraws its report

The comparison first prints the number of runs and the estimated time on ${REFERENCE_DEVICE}. On a terminal, it asks for
confirmation. Each method gets a study in the comparison's folder, with a report of its own. Ctrl-C stops with checkpoints
(exit code 130). --out FOLDER resumes a comparison on the same images; --data-dir names their folder if they have moved.`;

/** The command with its flags. */
export function compareCommand(): Command {
  const command = withDeviceFlags(createCommand('compare'))
    .description('train by several methods at several dimensions of z, and compare the modes that they keep')
    .argument('[methods...]', `losses and further settings (default: ${LOSS_NAMES.join(' ')})`);
  withStudyFlags(command, {
    zDims: COMPARED_Z_DIMS,
    out: "the comparison's folder, new or to resume (default: a new one in comparisons/)",
  }).addHelpText('after', HELP);
  return command.action((methods: readonly string[], flags: CompareFlags) => runCompare(methods, flags));
}

async function runCompare(words: readonly string[], flags: CompareFlags): Promise<void> {
  const output = new Output(flags.json === true);
  const { out } = flags;
  if (flags.onlyReport === true && out === undefined) {
    throw new UsageError('--only-report redraws the report of a comparison: --out names its folder');
  }
  const existing = out === undefined ? undefined : readComparison(out);
  if (out !== undefined && existing !== undefined) checkSame(out, existing, words, flags);
  const methods = methodsOf(existing?.methods ?? words, existing?.settings, flags);
  const isNew = existing === undefined && flags.onlyReport !== true;
  const settings = isNew ? { settings: newSettings(flags, COMPARED_Z_DIMS) } : {};
  const [{ checkFolders, compare }, { StudyDisplay }] = await Promise.all([
    import('../../study/compare.js'),
    import('../terminal/studyProgress.js'),
  ]);
  try {
    checkFolders(methods.map(({ name }) => name));
  } catch (cause) {
    throw cause instanceof StudyError ? new UsageError(cause.message, { cause }) : cause;
  }
  const stop = StopSignals.ofStudies(output.say);
  try {
    const display = new StudyDisplay(output, flags, stop);
    const { outcome, path, failures, results } = await compare(
      {
        folder: out ?? defaultFolder('comparisons', flags.preset ?? DEFAULT_PRESET),
        methods,
        ...settings,
        ...conductOptions(flags, stop.signal),
      },
      {
        ...display.callbacks,
        opened: (_path, comparison) => {
          display.begin(methods.map(({ objective }) => ({ ...comparison.settings, ...(objective && { objective }) })));
        },
        method: (name, index, count) => output.say(style.bold(`method ${index + 1} of ${count}: ${name}`)),
        reporting: () => output.phase('drawing the report of the comparison'),
      },
    );
    if (path === undefined) return;
    if (results !== undefined) printResults(path, results, output);
    const resume = resumeLine('compare', path, flags.dataDir);
    if (outcome === 'stopped') {
      output.say(`stopped; resume with: ${resume}`, true);
      process.exitCode = stop.exitCode ?? 0;
    } else if (failures.length > 0) {
      const problems = failures.map(({ method, run, problem }) => `${method}: ${run.name}: ${problem}`);
      throw new Error(`failed: ${problems.join('; ')}; try again with: ${resume}`);
    }
  } finally {
    stop.release();
  }
}

/** The methods with their objectives. @throws UsageError for a method that makes no sense */
function methodsOf(
  words: readonly string[],
  existing: ComparisonDescription['settings'] | undefined,
  flags: CompareFlags,
): ComparedMethod[] {
  const names = words.length === 0 ? [...LOSS_NAMES] : words.map(plainMethod);
  return names.map((name) => {
    const asked = parseMethod(name);
    const { objective } =
      existing === undefined
        ? newSettings({ ...flags, ...asked }, COMPARED_Z_DIMS)
        : chooseObjective(existing.architecture, asked, existing);
    return { name, objective, requested: requestedObjective(asked) };
  });
}

/** @throws StudyError, UsageError if the comparison in a folder differs from the requested one */
function checkSame(
  path: string,
  existing: ComparisonDescription,
  methods: readonly string[],
  flags: CompareFlags,
): void {
  if (methods.length > 0 && !isDeepStrictEqual(methods.map(plainMethod), existing.methods.map(plainMethod))) {
    const compared = existing.methods.join(', ');
    throw new StudyError(`${path} compares ${compared}: without methods it resumes, --out names another folder`);
  }
  checkAsked(path, 'comparison', existing, flags);
}

function printResults(path: string, results: ComparisonResults, output: Output): void {
  const { report, results: numbers } = comparisonFiles(path);
  const { rows, unfinished, complaints } = results;
  for (const line of unfinished) output.say(line, true);
  output.complain(complaints);
  output.result({ comparison: path, report, results: numbers, unfinished, complaints, rows }, () => [
    `  ${conditionsOf(results)}`,
    ...table(results),
    `  ${style.bold(report)}  opens in a browser`,
    `  ${numbers}  the numbers`,
  ]);
}

function table({ rows }: ComparisonResults): string[] {
  const grid = new TextTable(HEADINGS.map(({ title, align }): TableColumn => [title, align]));
  for (const row of rows) grid.push(cellsOf(row));
  return grid.lines;
}
