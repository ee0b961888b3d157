/**
 * @file Measures the device's limits: multiply-adds in WGSL, and copies of several sizes.
 *
 *     node --import tsx experiments/gpuDay/limits.ts --json PATH    writes them to PATH; --quick measures briefly
 */
import { openBenchDevice } from '../../bench/support/bench.js';
import { copyLimit } from '../../bench/support/copyLimit.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';
import { ArithmeticLimit } from '../../bench/support/limit.js';
import { median, QUICK, THOROUGH } from '../../bench/support/measure.js';
import { environment, environmentLines, writeJson } from '../../bench/support/report.js';
import type { Limits } from './results.js';

const MIB = 2 ** 20;

/** Bytes that a copy reads and writes together: within caches, and beyond those of any card. A binding holds half of them. */
const FOOTPRINTS = [1 * MIB, 8 * MIB, 64 * MIB, 240 * MIB];

const SAMPLES = 7;

const { values } = parseFlags(import.meta.url, {
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
if (values.json === undefined) misuse('--json names the file of the results');

const { quick } = values;
const { sampleMs } = quick ? QUICK : THOROUGH;
const device = await openBenchDevice({});
const about = environment(device.adapter, device.subgroupSize);
environmentLines(about).forEach((line) => console.log(line));

const arithmetic = await ArithmeticLimit.find(device, sampleMs, quick);
for (let sample = 0; sample < SAMPLES; sample++) await arithmetic.sample();
console.log(`multiply-adds: ${arithmetic.best.toFixed(1)} GFLOP/s (${arithmetic.name})`);

const copies: { bytes: number; medianGigabytesPerSecond: number; bestGigabytesPerSecond: number }[] = [];
for (const bytes of FOOTPRINTS) {
  const limit = await copyLimit(device, bytes, sampleMs);
  const rates: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) rates.push(await limit.sample());
  limit.dispose();
  copies.push({ bytes, medianGigabytesPerSecond: median(rates), bestGigabytesPerSecond: Math.max(...rates) });
  console.log(`copy of ${bytes / MIB} MiB: ${median(rates).toFixed(1)} GB/s`);
}
device.destroy();

const report: Limits = {
  date: new Date().toISOString(),
  ...about,
  multiplyAdds: {
    bestGigaflopsPerSecond: arithmetic.best,
    loop: arithmetic.name,
    loops: arithmetic.rates.map((loop) => ({ ...loop })),
  },
  copies,
};
writeJson(values.json, report);
