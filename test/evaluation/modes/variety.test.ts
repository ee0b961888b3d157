/**
 * @file Variety within each class, on Gaussian images of known spread.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LabelledImages } from '../../../src/evaluation/thresholds.js';
import { classVariety as against, prepareVariety, type Variety } from '../../../src/evaluation/modes/variety.js';
import { seededNormal } from '../../support/random.js';

const SIZE = 784;

/** `count` images of each class: the class's own picture and noise of a deviation. */
function imagesOf(seed: string, count: number, deviation: (label: number) => number, classes = 10): LabelledImages {
  const labels = Uint8Array.from({ length: count * classes }, (_, image) => image % classes);
  const noise = seededNormal(seed, labels.length * SIZE);
  const images = Float32Array.from(noise, (value, at) => {
    const label = labels[Math.floor(at / SIZE)]!;
    return Math.sin(label + (at % SIZE)) + deviation(label) * value;
  });
  return { count: labels.length, size: SIZE, values: images, labels };
}

const classVariety = (generated: LabelledImages, real: LabelledImages): Variety => {
  return against(prepareVariety(real), generated);
};

const real = imagesOf('real', 30, () => 0.2);

test('the ratio of the variances, class by class', () => {
  const found = classVariety(
    imagesOf('generated', 40, (label) => 0.02 * label),
    real,
  );
  found.perClass.forEach((value, label) => {
    // Of 784 independent pixels the estimate errs by √(2 / 784 / 30) of it, 0.9 %.
    const expected = (0.02 * label) ** 2 / 0.2 ** 2;
    assert.ok(value !== null && Math.abs(value - expected) <= 0.05 * expected + 1e-9, `class ${label}: ${value}`);
  });
  const mean = found.perClass.reduce<number>((sum, value) => sum + (value ?? 0), 0) / 10;
  assert.ok(found.mean !== null && Math.abs(found.mean - mean) < 1e-12);
});

test('against float64 by pairs: the mean squared distance of two images is twice the trace', () => {
  const generated = imagesOf('pairs', 12, (label) => 0.1 + 0.05 * label);
  const halfMeanSquare = ({ values, labels }: LabelledImages, label: number): number => {
    const own = [...labels.keys()].filter((image) => labels[image] === label);
    let [sum, pairs] = [0, 0];
    for (const one of own)
      for (const other of own.filter((image) => image > one)) {
        pairs += 1;
        for (let at = 0; at < SIZE; at++) sum += (values[one * SIZE + at]! - values[other * SIZE + at]!) ** 2;
      }
    return sum / pairs / 2;
  };
  classVariety(generated, real).perClass.forEach((value, label) => {
    const expected = halfMeanSquare(generated, label) / halfMeanSquare(real, label);
    assert.ok(value !== null && Math.abs(value - expected) < 1e-9 * expected, `class ${label}: ${value}, ${expected}`);
  });
});

test('a class that is always the same picture has 0, real against itself 1, few images null', () => {
  const same = imagesOf('same', 20, () => 0);
  assert.equal(classVariety(same, real).mean, 0);
  const { perClass, mean } = classVariety(real, real);
  assert.equal(perClass, new Array(10).fill(1));
  assert.is(mean, 1);
  const three = classVariety(
    imagesOf('three', 20, () => 0.2, 3),
    real,
  );
  assert.equal(three.perClass.map((value) => value === null).indexOf(true), 3);
  assert.ok(three.mean !== null && Math.abs(three.mean - 1) < 0.05);
  assert.equal(
    classVariety(
      imagesOf('few', 9, () => 1),
      real,
    ).mean,
    null,
  );
});

test('the order of the images changes nothing but rounding', () => {
  const images = imagesOf('order', 15, () => 0.3);
  const { values, labels } = images;
  const order = [...labels.keys()].reverse();
  const turned = {
    ...images,
    values: Float32Array.from(order.flatMap((image) => [...values.subarray(image * SIZE, (image + 1) * SIZE)])),
    labels: labels.slice().reverse(),
  };
  const [one, other] = [classVariety(images, real).mean ?? NaN, classVariety(turned, real).mean ?? NaN];
  assert.ok(Math.abs(one - other) < 1e-12, `${one}, ${other}`);
});

test('refuses what it cannot use, saying what', () => {
  const { values, labels } = real;
  assert.throws(
    () => classVariety({ ...real, values: values.slice(1) }, real),
    /generated images of 784 numbers, 235199/,
  );
  assert.throws(
    () => classVariety({ ...real, labels: labels.slice(1) }, real),
    /classVariety: got 299 labels for 300 generated images/,
  );
  assert.throws(
    () => classVariety(real, { ...real, values: values.with(800, NaN) }),
    /row 1 of the real images holds NaN/,
  );
  assert.throws(
    () => classVariety({ ...real, labels: labels.with(5, 11) }, real),
    /label 11 at row 5 of the generated images/,
  );
});

test.run();
