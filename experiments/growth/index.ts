/**
 * @file How time and memory of the DCGAN's training step grow with the batch, the width and the side of the images, and
 * whether either grows faster than the arithmetic.
 *
 *     npm run bench:growth                       within 8 minutes on two cores of a CPU
 *     npm run bench:growth -- batch side         these sweeps alone
 *     npm run bench:growth -- --minutes N        for the steps, all sweeps together; points that would take too much of
 *                                                them are left out, and named. 6 by default; compiling comes on top
 *     npm run bench:growth -- --tune             measured tiles, and the time to measure them on top; otherwise fixed ones
 *     npm run bench:growth -- --adapter NAME     another adapter than Dawn's first
 *     npm run bench:growth -- --json PATH        results to PATH instead of bench/results/; --no-json to none
 *     npm run bench:growth -- --pictures DIR     growth.svg and growth.png there (docs/images) instead of in bench/results/
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
  for (const { value, reason } of skipped) console.log(`  ${sweep.parameter} ${value} left out: ${reason}`);
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
  const about = environment(device.adapter, device.subgroupSize);
  environmentLines(about).forEach((line) => console.log(line));
  console.log(
    `Step:    dcgan, batch ${USUAL.batch}, z ${Z_DIM}, width ${USUAL.width}, side ${USUAL.side} but for what grows`,
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
  console.log(`\nTook ${((Date.now() - date.getTime()) / 1000).toFixed(0)} s. Exponents are of the fastest samples.`);
  if (!values['no-json']) {
    const report = {
      ...{ date: date.toISOString(), ...about, tuned: values.tune, minutes },
      ...{ step: { architecture: 'dcgan', zDim: Z_DIM, ...USUAL } },
      sweeps: results.map(({ sweep, points, skipped }) => {
        return { parameter: sweep.parameter, points, skipped, growth: growthOf(points) ?? null };
      }),
    };
    const path = values.json ?? defaultPath(about.adapter, date, '-growth');
    console.log(`Results: ${writeJson(path, report)}`);
  }
  const chart = growthChart(results, `${about.adapter}${about.software ? ' (software)' : ''}`);
  console.log(`Picture: ${await writePicture(values.pictures, 'growth', chart)}, and as SVG`);
}

const minutes = Number(values.minutes);
const unknown = words.find((word) => !SWEEPS.some(({ parameter }) => parameter === word));
if (!(minutes > 0)) {
  misuse(`--minutes takes a number above 0; got ${values.minutes}`);
} else if (unknown !== undefined) {
  misuse(`there is no sweep of ${unknown}, only of ${SWEEPS.map(({ parameter }) => parameter).join(', ')}`);
} else {
  await run(minutes);
}
