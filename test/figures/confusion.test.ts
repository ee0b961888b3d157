/**
 * @file The confusion matrix as a chart: every count but zeros is written, in its cell, with the share of each row.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderChart } from '../../src/figures/chart.js';
import { confusionChart } from '../../src/figures/confusion.js';
import { decodePng } from '../../src/figures/png.js';

const CLASSES = ['nought', 'one', 'two'];

const CONFUSION = [
  [41, 0, 7],
  [0, 0, 0],
  [1, 3, 1234],
];

const options = { confusion: CONFUSION, classes: CLASSES, title: 'A title', subtitle: 'and more' };

/** The texts of an SVG, in order. */
const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);

test('counts, shares of rows, names and titles are written; zeros are not', async () => {
  const { svg, png } = await renderChart(confusionChart(options));
  const texts = textsOf(svg);
  for (const text of ['41', '7', '1', '3', '1,234', 'A title', 'and more', 'the image is', 'it was taken for']) {
    assert.ok(texts.includes(text), `${text} in ${texts.join(' | ')}`);
  }
  assert.is(texts.filter((text) => text === '0').length, 1, 'there are 0 images of one, which is beside the cells');
  for (const name of CLASSES) assert.is(texts.filter((text) => text === name).length, 2, `${name} on both axes`);
  for (const share of ['85.4 %', '–', '99.7 %']) assert.ok(texts.includes(share), share);
  const { width, height } = decodePng(png);
  assert.ok(width > 300 && height > 200);
});

test('a hit is darker than a mistake, and a mistake than nothing; the number on a dark cell is white', async () => {
  const { svg } = await renderChart(confusionChart(options));
  const fills = [...svg.matchAll(/<path aria-label="given: (\w+); is: (\w+)[^>]*fill="([^"]+)"/g)];
  assert.is(fills.length, 9);
  const brightness = (is: string, given: string): number => {
    const fill = fills.find(([, a, b]) => a === given && b === is)?.[3] ?? '';
    const parts = /rgb\((\d+), (\d+), (\d+)\)/.exec(fill)?.slice(1).map(Number);
    assert.ok(parts, `the fill ${fill} of ${is}, ${given}`);
    return parts.reduce((sum, part) => sum + part, 0);
  };
  assert.ok(brightness('two', 'two') < brightness('nought', 'two'));
  assert.ok(brightness('nought', 'two') < brightness('two', 'one'));
  assert.ok(brightness('two', 'one') < brightness('two', 'nought'));
  assert.ok(brightness('two', 'nought') < brightness('nought', 'one'));
  assert.match(svg, /fill="white">1,234</);
});

test('the same matrix gives the same bytes', async () => {
  const [first, second] = [await renderChart(confusionChart(options)), await renderChart(confusionChart(options))];
  assert.is(first.svg, second.svg);
  assert.equal(first.png, second.png);
});

test.run();
