/**
 * @file How the verdict is judged: the made generators are what they say, no image is on two sides, and the page counts
 * right. How often the verdict is right is in test/evaluation/evaluator.test.ts.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SIZE } from '../../experiments/verdict/choices.js';
import { commandOf } from '../../experiments/verdict/command.js';
import { MADE } from '../../experiments/verdict/made.js';
import { OTHERS } from '../../experiments/verdict/others.js';
import { pageOf, detectionRows, type Judged } from '../../experiments/verdict/page.js';
import { shareOut } from '../../experiments/verdict/sides.js';
import { DETECTORS } from '../../experiments/verdict/detection.js';
import type { ImageDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { diagnosisOf } from '../study/diagnoses.js';

const digits = digitsDataset({ seed: 'made', count: 600 });

/** Each image as text. */
function imagesOf({ bytesOf, count }: ImageDataset): string[] {
  return Array.from({ length: count }, (_, index) => bytesOf(index).join());
}

test('each made generator gives as many images as are asked for, within [−1, 1], the same ones by the same seed', () => {
  const names = [...MADE, ...OTHERS].map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  for (const { name, expected, draw } of [...MADE, ...OTHERS]) {
    assert.ok(expected.length > 0, name);
    const images = draw(digits, 30, seedrandom(name));
    assert.is(images.length, 30 * SIZE, name);
    assert.ok(
      images.every((value) => value >= -1 && value <= 1),
      name,
    );
    assert.equal(draw(digits, 30, seedrandom(name)), images, name);
  }
});

test('the changes are those that are named', () => {
  const drawn = (name: string, count: number): Float32Array => {
    const made = [...MADE, ...OTHERS].find((one) => one.name === name);
    if (made === undefined) throw new Error(`there is no ${name}`);
    return made.draw(digits, count, seedrandom('the same'));
  };
  const real = MADE[0]?.draw(digits, 4, seedrandom('the same')) ?? new Float32Array(0);
  assert.equal(
    drawn('real, inverted', 4),
    real.map((value) => -value),
  );
  assert.equal(drawn('real, upside down', 4).subarray(0, SIZE), real.slice(0, SIZE).reverse());
  const moved = drawn('real, moved by 6 pixels', 4);
  assert.is(moved[14 * 28 + 20], real[14 * 28 + 14]);
  assert.is(moved[14 * 28 + 5], -1);
  const blurred = drawn('real, blurred 3 × 3', 4);
  let mean = 0;
  for (const row of [13, 14, 15]) for (const column of [13, 14, 15]) mean += real[row * 28 + column]! / 9;
  assert.ok(Math.abs(blurred[14 * 28 + 14]! - mean) < 1e-6);
  const brightest = Math.max(...[0, 1, 28, 29].map((step) => real[14 * 28 + 14 + step]!));
  assert.is(drawn('real, strokes a pixel thicker', 4)[14 * 28 + 14], brightest);
  const swapped = drawn('real, quarters swapped', 4);
  assert.is(swapped[20 * 28 + 3], real[6 * 28 + 17]);
  assert.is(swapped[6 * 28 + 17], real[20 * 28 + 3]);
});

test('no image is on two sides, however large the looks are', () => {
  const train = digitsDataset({ seed: 'sides', count: 300 });
  const other = digitsDataset({ seed: 'sides', count: 100, first: 300 });
  for (const samples of [20, 100]) {
    for (const holdsOut of [false, true]) {
      const { real, shown, heldOut } = shareOut(train, other, samples, holdsOut);
      const all = [real, shown, ...(heldOut === undefined ? [] : [heldOut])].flatMap(imagesOf);
      assert.is(new Set(all).size, all.length);
      assert.is(all.length, 400);
      assert.is(real.count, samples === 20 ? 300 : 100);
    }
  }
});

const healthy = (frechets: readonly number[]): Judged => {
  const diagnoses = frechets.map((frechet) => diagnosisOf({ frechet }));
  return { list: 'tuned', name: 'good', expected: ['healthy'], diagnoses };
};
const bad: Judged = {
  list: 'others',
  name: 'bad',
  expected: ['collapsed'],
  diagnoses: [
    diagnosisOf({ frechet: 5, modes: 2, verdict: 'collapsed' }),
    diagnosisOf({ frechet: 50, modes: 2, verdict: 'healthy' }),
  ],
};

test('every second healthy draw sets the limits, the others give the false alarms', () => {
  const rows = detectionRows([healthy([10, 11, 20, 21]), bad]);
  const frechet = DETECTORS.indexOf('frechet');
  const memorised = DETECTORS.indexOf('memorised');
  // The limit is 20, of the first and the third: of 11 and 21 the latter is beyond it.
  assert.equal(
    rows.map(({ name, shares }) => [name, shares[frechet]]),
    [
      ['healthy, other draws (2)', 0.5],
      ['bad', 0.5],
      ['all faults (1)', 0.5],
    ],
  );
  assert.is(rows[1]?.shares[memorised], null);
});

test('the page counts each list separately, and draws its conclusion from the table', () => {
  const judging = { samples: 1000, draws: 2, note: 'Made of digits.', command: 'node here' };
  const page = pageOf([healthy([10, 11]), bad], judging);
  assert.match(page, /each drawn twice with 1,000 samples\. Made of digits\./);
  assert.match(page, /used to set the thresholds \| 1 \| 0 \| \*\*2 of 2 \(100 %\)\*\* \| {2}\| 0 of 2 \(0 %\) \|/);
  assert.match(page, /not used to set the thresholds \| 1 \| 0 \| \*\*1 of 2 \(50 %\)\*\* \| 1 of 2 \(50 %\) \| {2}\|/);
  assert.match(page, /Detects every fault in every draw: modes, /);
  const blind = { ...bad, name: 'all well', diagnoses: [diagnosisOf({ frechet: 5 })] };
  assert.match(
    pageOf([healthy([10, 11]), bad, blind], judging),
    /No metric detects every fault.*Best, with 1 of 2 faults:/,
  );
});

test('the command reproduces the run, without machine-specific folders', () => {
  const flags = { samples: '300', draws: '2', memorised: true, only: ['1 digit'], out: '/tmp/x/verdict' };
  const checkpoint = ['not learning,healthy=/home/me/runs/a/checkpoints/000010.safetensors'];
  assert.is(
    commandOf({ ...flags, checkpoint }, 'docs/verdict'),
    'node --import tsx experiments/verdict/index.ts --data-dir path/to/mnist --samples 300 --draws 2 --memorised ' +
      "--only '1 digit' --out path/to/verdict " +
      "--checkpoint 'not learning,healthy=path/to/a/checkpoints/000010.safetensors'",
  );
});

test.run();
