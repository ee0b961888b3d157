/**
 * @file The images that a look takes keep their labels, those of Stacked MNIST's 1,000 classes included.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { stackedMnist } from '../../../src/data/stackedMnist.js';
import { chooseImages } from '../../../src/evaluation/inputs/chosenImages.js';

test('each chosen image has the label that the dataset has for it', () => {
  const digits = digitsDataset({ seed: 'chosen', count: 40 });
  const stacked = stackedMnist(digits, { seed: 'chosen', count: 30 });
  for (const dataset of [digits, stacked]) {
    const labelOf = new Map<string, number>();
    for (let index = 0; index < dataset.count; index++) {
      labelOf.set(dataset.bytesOf(index).toString(), dataset.labels[index]!);
    }
    const { count, size, values, labels } = chooseImages(dataset, 20);
    assert.equal([count, labels.length], [20, 20]);
    for (let place = 0; place < count; place++) {
      const image = values.subarray(place * size, (place + 1) * size);
      const bytes = Uint8Array.from(image, (value) => Math.round((value + 1) * 127.5));
      assert.is(labels[place], labelOf.get(bytes.toString()));
    }
  }
  assert.ok(Math.max(...chooseImages(stacked, 20).labels) > 255);
});

test.run();
