/**
 * @file Measures how time and memory of the DCGAN's training step grow with batch size, width and image side, and whether
 * they grow faster than the arithmetic.
 *
 *     npm run bench:growth                       within 8 minutes on two cores of a CPU
 *     npm run bench:growth -- batch side         only these sweeps
 *     npm run bench:growth -- --minutes N        time for the steps of all sweeps, without compilation; default 6. Points
 *                                                that would take too long are skipped and listed
 *     npm run bench:growth -- --tune             tuned tiles, which takes extra time; default: fixed tiles
 *     npm run bench:growth -- --adapter NAME     this adapter instead of Dawn's first
 *     npm run bench:growth -- --json PATH        writes the results to PATH instead of bench/results/; --no-json writes none
 *     npm run bench:growth -- --pictures DIR     writes growth.svg and growth.png to DIR instead of bench/results/
 */
import { formatBytes } from '../../src/gpu/errors.js';
import { benchEngine, openBenchDevice } from '../../bench/support/bench.js';
import { growthChart } from './chart.js';
import { runSweep, type SweepResult } from './run.js';
import { SWEEPS, USUAL, Z_DIM } from './sweeps.js';
import { growthLines, growthOf, type Point } from './verdict.js';
import { writePicture } from '../../bench/support/pictures.js';
import { defaultPath, environment, environmentLines, writeJson } from '../../bench/support/report.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';

const { values, positionals: words } = parseFlags(import.meta.url, {
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    json: { type: 'string' },
    'no-json': { type: 'boolean', default: false },
    pictures: { type: 'string', default: 'bench/results' },
    minutes: { type: 'string', default: '6' },
    tune: { type: 'boolean', default: false },
  },
});

function pointLine({ value, gigaflop, medianMs, minMs, samples, peakBytes }: Point): string {
  const cells = [
    value.toString(),
    gigaflop.toFixed(3),
    medianMs.toFixed(2),
    minMs.toFixed(2),
    (gigaflop / (minMs / 1000)).toFixed(1),
    formatBytes(peakBytes),
    samples.toString(),
  ];
  return cells.map((cell) => cell.padStart(11)).join('');
}

function printSweep({ sweep, points, skipped }: SweepResult): void {
  const heading = [sweep.parameter, 'GFLOP', 'median ms', 'min ms', 'GFLOP/s', 'memory', 'samples'];
  console.log(`\n${heading.map((cell) => cell.padStart(11)).join('')}`);
  for (const point of points) console.log(pointLine(point));
  for (const { value, reason } of skipped) console.log(`  ${sweep.parameter} ${value} skipped: ${reason}`);
  for (const line of growthLines(sweep.parameter, growthOf(points))) console.log(line);
}

async function run(minutes: number): Promise<void> {
  const date = new Date();
  const options = {
    adapter: values.adapter,
    tune: values.tune,
    quick: false,
    profile: false,
    pictures: values.pictures,
  };
  const device = await openBenchDevice(options);
  const machine = environment(device.adapter, device.subgroupSize);
  environmentLines(machine).forEach((line) => console.log(line));
  console.log(
    `Step:    dcgan, batch ${USUAL.batch}, z ${Z_DIM}, width ${USUAL.width}, side ${USUAL.side}, except for the size of the sweep`,
  );
  const engine = benchEngine(device, options);
  const sweeps = SWEEPS.filter(({ parameter }) => words.length === 0 || words.includes(parameter));
  const results: SweepResult[] = [];
  for (const sweep of sweeps) {
    const result = await runSweep(engine, sweep, (60 * minutes) / sweeps.length);
    results.push(result);
    printSweep(result);
  }
  device.destroy();
  console.log(
    `\nTook ${((Date.now() - date.getTime()) / 1000).toFixed(0)} s. Exponents are fitted to the fastest samples.`,
  );
  if (!values['no-json']) {
    const report = {
      ...{ date: date.toISOString(), ...machine, tuned: values.tune, minutes },
      ...{ step: { architecture: 'dcgan', zDim: Z_DIM, ...USUAL } },
      sweeps: results.map(({ sweep, points, skipped }) => {
        return { parameter: sweep.parameter, points, skipped, growth: growthOf(points) ?? null };
      }),
    };
    const path = values.json ?? defaultPath(machine.adapter, date, '-growth');
    console.log(`Results: ${writeJson(path, report)}`);
  }
  const chart = growthChart(results, `${machine.adapter}${machine.software ? ' (software)' : ''}`);
  console.log(`Chart:   ${await writePicture(values.pictures, 'growth', chart)}, and as SVG`);
}

const minutes = Number(values.minutes);
const unknown = words.find((word) => !SWEEPS.some(({ parameter }) => parameter === word));
if (!(minutes > 0)) {
  misuse(`--minutes takes a number above 0; got ${values.minutes}`);
} else if (unknown !== undefined) {
  misuse(`unknown sweep "${unknown}"; there are ${SWEEPS.map(({ parameter }) => parameter).join(', ')}`);
} else {
  await run(minutes);
}
