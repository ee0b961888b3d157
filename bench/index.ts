/**
 * @file Measures the kernels' speed on this machine's adapter, relative to the device's limit at that moment.
 *
 *     npm run bench                       everything; takes some minutes
 *     npm run bench -- matmul conv        the groups and cases whose name contains one of the words
 *     npm run bench -- step --profile     the training step with its time by kernel, as a table and as a chart in
 *                                         bench/results/ or in --pictures DIR
 *     npm run bench -- --list             the names; --help prints this
 *     npm run bench -- --quick            few and short runs
 *     npm run bench -- --no-tune          fixed tiles; --tile NAME takes one wherever it fits
 *     npm run bench -- --adapter NAME     this adapter instead of Dawn's first
 *     npm run bench -- --json PATH        results to PATH instead of bench/results/DATE-ADAPTER.json, with the words before
 *                                         `.json` where there are any, written after each case; --no-json to none
 *     npm run bench -- --json PATH --resume   keeps the rows of PATH and measures the cases that it lacks
 */
import { adamGroup } from './kernels/adam.js';
import { batchNormGroup } from './kernels/batchNorm.js';
import { benchEngine, openBenchDevice, type Bench, type BenchOptions, type Group } from './support/bench.js';
import { convGroup } from './kernels/conv.js';
import { layerNormGroup } from './kernels/layerNorm.js';
import { ArithmeticLimit } from './support/limit.js';
import { matmulGroup } from './kernels/matmul.js';
import { metricsGroup } from './evaluation/metrics.js';
import { objectivesGroup } from './step/objectives.js';
import {
  defaultPath,
  environment,
  environmentLines,
  readRows,
  slug,
  writeReport,
  type NamedRow,
} from './support/report.js';
import { spectralNormGroup } from './kernels/spectralNorm.js';
import { stepGroup } from './step/step.js';
import { upsampledConvGroup } from './kernels/upsampledConv.js';
import { QUICK, THOROUGH } from './support/measure.js';
import { Table } from './support/table.js';
import { misuse, parseFlags } from './support/flags.js';

const GROUPS: readonly Group[] = [
  matmulGroup,
  convGroup,
  upsampledConvGroup,
  batchNormGroup,
  layerNormGroup,
  spectralNormGroup,
  adamGroup,
  stepGroup,
  objectivesGroup,
  metricsGroup,
];

const { values, positionals: words } = parseFlags(import.meta.url, {
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    'no-json': { type: 'boolean', default: false },
    'no-tune': { type: 'boolean', default: false },
    pictures: { type: 'string', default: 'bench/results' },
    profile: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    tile: { type: 'string' },
  },
});

/** A word fits a group's name or a part of a case's, case ignored. */
function selectedGroups(): Group[] {
  const fits = (group: string, name: string): boolean => {
    const full = `${group} ${name}`.toLowerCase();
    return words.length === 0 || words.some((word) => full.includes(word.toLowerCase()));
  };
  return GROUPS.flatMap((group) => {
    const cases = group.cases.filter(({ name }) => fits(group.name, name));
    return cases.length === 0 ? [] : [{ ...group, cases }];
  });
}

/** Measures the cases, and appends their rows to those measured before. */
async function runGroups(groups: readonly Group[], options: BenchOptions, rows: NamedRow[]): Promise<void> {
  const print = (line: string): void => console.log(line);
  const date = new Date();
  const device = await openBenchDevice(options);
  const about = environment(device.adapter, device.subgroupSize);
  environmentLines(about).forEach(print);

  const effort = options.quick ? QUICK : THOROUGH;
  const limit = await ArithmeticLimit.find(device, effort.sampleMs, options.quick);
  print(`Limit:   ${limit.best.toFixed(1)} GFLOP/s of multiply-adds (${limit.name}), sampled again around every run`);

  const details: string[] = [];
  const engine = benchEngine(device, options);
  const bench: Bench = { device, engine, limit, effort, options, print: (line) => details.push(line) };
  const table = new Table(
    print,
    groups.flatMap((group) => group.cases.map(({ name }) => name)),
  );
  const path = values['no-json']
    ? undefined
    : (values.json ?? defaultPath(about.adapter, date, words.map((word) => `-${slug(word)}`).join('')));
  for (const group of groups) {
    table.heading(group);
    for (const { name, run } of group.cases) {
      try {
        const row = await run(bench);
        rows.push({ group: group.name, name, unit: group.unit, ...row });
        table.row(name, row);
        // After each case: what is measured stays if the run is ended.
        if (path !== undefined) writeReport(path, date, about, options, limit, rows);
      } catch (error) {
        // One broken kernel must not cost the other results, but the run has failed.
        print(`${name}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
        device.check();
      }
      details.splice(0).forEach(print);
    }
    if (group.note !== undefined) print(`  ${group.note}`);
  }
  print(`\nBest limit of the run: ${limit.best.toFixed(1)} GFLOP/s. Rates are those of the median.`);
  if (path !== undefined) print(`Results: ${writeReport(path, date, about, options, limit, rows)}`);
  device.destroy();
}

if (values.resume && values.json === undefined) misuse('--resume needs --json PATH');
const groups = selectedGroups();
if (groups.length === 0) {
  console.error(`No case's name holds ${words.join(' or ')}; \`npm run bench -- --list\` prints the names.`);
  process.exitCode = 1;
} else if (values.list) {
  for (const group of groups) for (const { name } of group.cases) console.log(`${group.name} ${name}`);
} else {
  const before = values.resume && values.json !== undefined ? readRows(values.json) : [];
  const options = {
    adapter: values.adapter,
    pictures: values.pictures,
    profile: values.profile,
    quick: values.quick,
    tile: values.tile,
    tune: !values['no-tune'],
  };
  const missing = groups
    .map((group) => ({
      ...group,
      cases: group.cases.filter(({ name }) => !before.some((row) => row.group === group.name && row.name === name)),
    }))
    .filter(({ cases }) => cases.length > 0);
  if (missing.length > 0) await runGroups(missing, options, before);
  else console.log(`All cases are in ${values.json ?? ''}.`);
}
