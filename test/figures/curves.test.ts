import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderChart } from '../../src/figures/chart.js';
import { trainingCurves, type TrainingCurves } from '../../src/figures/curves.js';

/** A training with curves that can be told apart, and some change from iteration to iteration. */
function history(count: number) {
  const column = (value: (row: number) => number): number[] => Array.from({ length: count }, (_, row) => value(row));
  return {
    iterations: column((row) => row + 1),
    generatorLoss: column((row) => 2 + (row % 2)),
    discriminatorLoss: column((row) => 0.5 + 0.1 * (row % 3)),
    realAccuracy: column(() => 0.75),
    fakeAccuracy: column(() => 0.5),
    foolingRate: column(() => 0.25),
  };
}

const draw = async (curves: TrainingCurves): Promise<string> =>
  (await renderChart(trainingCurves(curves, 'A run'))).svg;

/** Pixel coordinates of each line's points, left to right. */
function lines(svg: string): number[][][] {
  const paths = svg.matchAll(/<g class="mark-line[^>]*>(.*?)<\/g>/gs);
  return Array.from(paths, ([, group]) => {
    const path = / d="([^"]*)"/.exec(group!)?.[1] ?? '';
    return Array.from(path.matchAll(/[ML]([\d.-]+),([\d.-]+)/g), ([, x, y]) => [Number(x), Number(y)]);
  });
}

test('all four curves are drawn and named, in two panels over the same iterations', async () => {
  const svg = await draw(history(200));
  for (const text of ['A run', 'Loss', 'Share of a batch', 'iteration', 'generator', 'discriminator', '100\u00a0%']) {
    assert.ok(svg.includes(`>${text}</text>`), `the text "${text}"`);
  }
  for (const text of ['generated images', 'called real', 'accuracy of the'])
    assert.ok(svg.includes(`>${text}</tspan>`));
  assert.is(lines(svg).length, 4);
  for (const line of lines(svg)) {
    assert.is(line.length, 200);
    assert.equal([line[0]![0], line.at(-1)![0]], [0, 640], 'from edge to edge');
  }
  assert.match(svg, '>every iteration that was recorded<');
});

test('accuracy is the mean of both kinds of images, and shares run from 0 to 100 %', async () => {
  const [, , fooled, accuracy] = lines(await draw(history(2)));
  // Panels are 220 pixels high: 25 % lies at 165 from the top, (75 % + 50 %) / 2 at 82.5.
  assert.equal(fooled, [
    [0, 165],
    [640, 165],
  ]);
  assert.equal(accuracy, [
    [0, 82.5],
    [640, 82.5],
  ]);
});

test('of a critic, whose zero means nothing, its estimate is drawn in place of the shares', async () => {
  const wasserstein = Array.from({ length: 100 }, (_, row) => 5 - row / 20);
  const svg = await draw({ ...history(100), wasserstein });
  assert.ok(svg.includes('>Estimate of the Wasserstein distance<'));
  assert.not.match(svg, 'Share of a batch');
  assert.not.match(svg, 'called real');
  const [, , estimate, ...others] = lines(svg);
  assert.equal([estimate?.length, estimate?.[0]?.[1], others], [100, 0, []], 'from the top of its panel');

  wasserstein[3] = NaN;
  wasserstein[0] = 1000;
  const spiked = await draw({ ...history(100), wasserstein });
  assert.match(spiked, '>1 value is not finite and left out, at iteration 4<');
  assert.match(spiked, '>the estimate and its band reach 1.00e+3, beyond their axis<');
  assert.throws(
    () => trainingCurves({ ...history(3), wasserstein: [1] }, ''),
    /wasserstein does not fit: 3 iterations, 1 values/,
  );
});

test('a long training is thinned to means, and the chart says of how many', async () => {
  const svg = await draw(history(3000));
  assert.match(svg, '>lines: means of 20 iterations each · bands: from their 5 % to their 95 % quantile<');
  const [generator] = lines(svg);
  assert.is(generator!.length, 150);
  assert.is(new Set(generator!.map(([, y]) => y)).size, 1, 'the mean of 2, 3, 2, 3 … is 2.5 throughout');
});

test('99,000 iterations become a small chart', async () => {
  const svg = await draw(history(99_000));
  assert.ok(lines(svg).every((line) => line.length === 198));
  assert.ok(svg.length < 200_000, `${svg.length} characters`);
});

test('no iteration, and one, make a chart as well', async () => {
  assert.match(await draw(history(0)), '>no iteration yet<');
  const one = await draw(history(1));
  assert.is(one.match(/aria-roledescription="point"/g)?.length, 4, 'a point of each curve');
  assert.match(one, />1<\/text>/);
});

test('values that are not finite leave gaps, and are counted', async () => {
  const curves = history(10);
  curves.generatorLoss.fill(NaN, 3, 5);
  curves.realAccuracy[8] = Infinity;
  const svg = await draw(curves);
  assert.match(svg, '>3 values are not finite and left out, the first at iteration 4<');
  const path = /<g class="mark-line[^>]*>.*? d="([^"]*)"/s.exec(svg)?.[1] ?? '';
  assert.is(path.match(/M/g)?.length, 2, 'the line begins anew behind the gap');
  assert.not.match(svg, /NaN|Infinity|null/);

  curves.generatorLoss.fill(NaN);
  assert.not.match(await draw(curves), '>generator</text>', 'no name where there is no curve');
});

test('a rare spike sticks out of the panel instead of pressing the rest flat', async () => {
  const curves = history(100);
  curves.discriminatorLoss[0] = 1000;
  const svg = await draw(curves);
  assert.match(svg, '>the curves of the losses reach 1.00e+3, beyond their axis<');
  assert.match(svg, '>12</text>');
  assert.not.match(await draw(history(100)), 'beyond their axis');
});

test('names that would overlap are moved apart', async () => {
  const curves = history(50);
  curves.discriminatorLoss = curves.generatorLoss;
  const svg = await draw(curves);
  const names = svg.matchAll(/<text[^>]*translate\(650,([\d.]+)\)[^>]*>(?:generator|discriminator)</g);
  const [one, other] = Array.from(names, ([, y]) => Number(y));
  assert.ok(Math.abs(one! - other!) >= 13, `${one!} and ${other!}`);
});

test('the same history gives the same bytes', async () => {
  const [one, other] = [
    await renderChart(trainingCurves(history(500), 'A run')),
    await renderChart(trainingCurves(history(500), 'A run')),
  ];
  assert.is(one.svg, other.svg);
  assert.equal(one.png, other.png);
});

test('columns that do not fit are refused', () => {
  const short = { ...history(3), foolingRate: [0, 0] };
  assert.throws(() => trainingCurves(short, ''), /foolingRate does not fit: 3 iterations, 2 values/);
  const twice = { ...history(3), iterations: [1, 2, 2] };
  assert.throws(() => trainingCurves(twice, ''), /ascending integers, but 2 follows 2/);
  assert.throws(() => trainingCurves({ ...history(1), iterations: [NaN] }, ''), /NaN is the first/);
});

test.run();
