/**
 * @file The growth bench: its networks are the DCGAN's, its verdicts follow from the points, and it runs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { growthChart } from '../../experiments/growth/chart.js';
import { dcganOfSide } from '../../experiments/growth/networks.js';
import { growsNoFaster, growthLines, growthOf, type Point } from '../../experiments/growth/verdict.js';
import { productsOf } from '../../bench/support/products.js';
import { Engine } from '../../src/autograd/engine.js';
import { renderChart } from '../../src/figures/chart.js';
import { ARCHITECTURES, type Architecture } from '../../src/models/networks/architectures.js';
import { Gan } from '../../src/gan/gan.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const productNames = (architecture: Architecture, side: number): string[] => {
  const gan = new Gan(engine, {
    architecture,
    ...{ zDim: 3, width: 0.125, batch: 2, imageHeight: side, imageWidth: side, channels: 1 },
    ...{ seed: 1, random: seedrandom('growth'), ringCapacity: 4 },
  });
  const names = productsOf(engine, gan).map(({ name, multiplyAdds }) => `${name}: ${multiplyAdds}`);
  gan.dispose();
  return names;
};

test('at side 28 the step is that of the architecture dcgan, product for product', () => {
  assert.equal(productNames(dcganOfSide(28), 28), productNames(ARCHITECTURES.dcgan, 28));
});

test('other sides give other products, and one that is no multiple of 4 is refused', () => {
  assert.ok(productNames(dcganOfSide(32), 32).some((name) => name.includes('8×8×')));
  assert.throws(() => dcganOfSide(30), /multiple of 4; got 30/);
});

const pointsOf = (time: (gigaflop: number) => number, memory: (gigaflop: number) => number): Point[] =>
  [1, 2, 4, 8].map((value) => {
    const gigaflop = value ** 2;
    return {
      value,
      gigaflop,
      medianMs: time(gigaflop),
      minMs: time(gigaflop),
      samples: 3,
      peakBytes: memory(gigaflop),
    };
  });

test('exponents over the arithmetic and over what grows', () => {
  const growth = growthOf(
    pointsOf(
      (gigaflop) => 5 * gigaflop,
      (gigaflop) => 1e6 * gigaflop ** 0.5,
    ),
  );
  if (growth === undefined) throw new Error('four points have a growth');
  const near = (law: { exponent: number }, expected: number): void =>
    assert.ok(Math.abs(law.exponent - expected) < 1e-9, `${law.exponent}`);
  near(growth.timeByArithmetic, 1);
  near(growth.timeByValue, 2);
  near(growth.memoryByArithmetic, 0.5);
  near(growth.memoryByValue, 1);
  near(growth.arithmeticByValue, 2);
});

test('what grows faster than its arithmetic is told, and where it does most', () => {
  const growth = growthOf(
    pointsOf(
      (gigaflop) => gigaflop ** 1.2,
      (gigaflop) => gigaflop,
    ),
  );
  if (growth === undefined) throw new Error('four points have a growth');
  assert.not(growsNoFaster(growth.timeByArithmetic));
  assert.match(growthLines('batch', growth)[1] ?? '', /time over arithmetic 1\.200 ± 0\.000: MISSED; .*: ok/);
  assert.ok(growsNoFaster({ exponent: 1.05, factor: 1, exponentError: 0.03 }), 'within two errors');
  const bend = growthOf(
    pointsOf(
      (gigaflop) => Math.max(gigaflop, gigaflop ** 2 / 16),
      (gigaflop) => gigaflop,
    ),
  );
  assert.equal([bend?.steepest.from, bend?.steepest.to], [4, 8]);
  assert.ok(Math.abs((bend?.steepest.exponent ?? NaN) - 2) < 1e-9);
});

test('two points have no growth, and the chart shows them all the same', async () => {
  const points = pointsOf(
    (gigaflop) => gigaflop,
    (gigaflop) => 2 ** 20 * gigaflop,
  ).slice(0, 2);
  assert.is(growthOf(points), undefined);
  assert.match(growthLines('side', undefined)[0] ?? '', /too few points/);
  const sweep = { parameter: 'side', values: [1, 2] } as const;
  const { svg } = await renderChart(growthChart([{ sweep, points, skipped: [] }], 'an adapter'));
  assert.match(svg, 'side of the images, pixels');
  assert.not.match(svg, 'to the power');
});

const growth = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--import', 'tsx', 'experiments/growth/index.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });

slow('a short run measures what fits its time, lists the rest, and writes results and chart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'growth-'));
  try {
    const json = join(folder, 'growth.json');
    const { status, stdout, stderr } = growth('batch', '--minutes', '0.05', '--json', json, '--pictures', folder);
    assert.is(status, 0, `${stdout}${stderr}`);
    for (const name of ['growth.png', 'growth.svg']) assert.ok(existsSync(join(folder, name)), name);
    const { sweeps } = JSON.parse(readFileSync(json, 'utf8')) as {
      sweeps: { points: Point[]; skipped: { value: number; reason: string }[] }[];
    };
    const [sweep] = sweeps;
    assert.is((sweep?.points.length ?? 0) + (sweep?.skipped.length ?? 0), 10);
    assert.ok((sweep?.points.length ?? 0) >= 1);
    for (const { gigaflop, minMs, medianMs, peakBytes } of sweep?.points ?? []) {
      assert.ok(gigaflop > 0 && minMs > 0 && medianMs >= minMs && peakBytes > 0);
    }
    for (const { value } of sweep?.skipped ?? []) assert.match(stdout, `batch ${value} skipped: `);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('unknown arguments are refused without a device', () => {
  assert.match(growth('depth').stderr, /unknown sweep "depth"; there are batch, width, side/);
  assert.match(growth('--minutes', 'soon').stderr, /above 0; got soon/);
});

test.run();
