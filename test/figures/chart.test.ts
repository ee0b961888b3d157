import { GlobalFonts } from '@napi-rs/canvas';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TopLevelSpec } from 'vega-lite';
import { renderChart } from '../../src/figures/chart.js';
import { fontFaces, registerFonts } from '../../src/figures/fonts.js';
import { decodePng } from '../../src/figures/png.js';

const values = [
  { z: 2, score: 1 },
  { z: 10, score: 3 },
  { z: 100, score: 2 },
];

function bars(title: string, more: object = {}): TopLevelSpec {
  const encoding = { x: { field: 'z', type: 'ordinal' }, y: { field: 'score', type: 'quantitative' } };
  return { title, data: { values }, mark: 'bar', encoding, ...more } as TopLevelSpec;
}

function svgSize(svg: string): number[] {
  return (/<svg[^>]*? width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? []).slice(1).map(Number);
}

/** How many pixels have this colour, red, green, blue. */
function count(png: Uint8Array, colour: readonly number[]): number {
  const { rgba } = decodePng(png);
  let pixels = 0;
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i] === colour[0] && rgba[i + 1] === colour[1] && rgba[i + 2] === colour[2]) pixels++;
  }
  return pixels;
}

test('a specification becomes SVG with its texts, and a PNG of twice the size on white', async () => {
  const { svg, png } = await renderChart(bars('Score by z'));
  assert.match(svg, /<text[^>]*font-family="Inter"[^>]*>Score by z<\/text>/);
  const picture = decodePng(png);
  assert.equal(
    [picture.width, picture.height],
    svgSize(svg).map((side) => 2 * side),
  );
  assert.equal(Array.from(picture.rgba.subarray(0, 4)), [255, 255, 255, 255]);
  assert.ok(count(png, [0, 0x72, 0xb2]) > 1000, 'bars in the blue of Okabe and Ito');
});

test('texts are in the PNG as well', async () => {
  const [one, other] = await Promise.all([renderChart(bars('IIIIII')), renderChart(bars('MMMMMM'))]);
  const ink = [0x22, 0x22, 0x22];
  assert.ok(count(other.png, ink) > count(one.png, ink) && count(one.png, ink) > 0);
});

test('there is room for a text as wide as it is in Inter, not as it is guessed', async () => {
  const named = async (name: string): Promise<number> => {
    const data = { values: [{ name, score: 1 }] };
    const encoding = { y: { field: 'name', title: null }, x: { field: 'score', type: 'quantitative' } };
    return svgSize((await renderChart({ data, mark: 'bar', encoding } as TopLevelSpec)).svg)[0]!;
  };
  const [narrow, wide] = await Promise.all([named('i'.repeat(20)), named('W'.repeat(20))]);
  assert.ok(wide - narrow > 100, `${wide} against ${narrow}`);
});

test('the kinds of figure of a report draw without a warning', async () => {
  const facet = {
    data: { values },
    facet: { column: { field: 'z', title: 'dimension of z' } },
    spec: { width: 100, mark: 'bar', encoding: { x: { field: 'score', bin: true }, y: { aggregate: 'count' } } },
  };
  const errorBars = {
    data: { values },
    layer: [
      { mark: { type: 'errorbar', extent: 'stdev' }, encoding: { y: { field: 'score', type: 'quantitative' } } },
      { mark: 'point', encoding: { y: { aggregate: 'mean', field: 'score' } } },
    ],
    encoding: { x: { field: 'z', type: 'ordinal' } },
  };
  for (const spec of [facet, errorBars]) assert.match((await renderChart(spec as TopLevelSpec)).svg, /^<svg/);
});

test('the same specification gives the same bytes, and two charts can be put into one page', async () => {
  const clipped = (title: string) => bars(title, { mark: { type: 'bar', clip: true } });
  const [one, again, other] = [
    await renderChart(clipped('one')),
    await renderChart(clipped('one')),
    await renderChart(clipped('other')),
  ];
  assert.is(one.svg, again.svg);
  assert.equal(one.png, again.png);
  const ids = (svg: string) => Array.from(svg.matchAll(/\bid="([^"]*)"/g), ([, id]) => id!);
  assert.is(ids(one.svg).length, 1);
  assert.match(one.svg, `url(#${ids(one.svg)[0]!})`);
  assert.is.not(ids(one.svg)[0], ids(other.svg)[0]);
});

test('nothing is loaded, neither data nor pictures', async () => {
  const { fetch } = globalThis;
  let fetched = 0;
  globalThis.fetch = (...request) => (fetched++, fetch(...request));
  try {
    const urls = ['http://127.0.0.1:9/data.json', 'file:///etc/hostname', 'data.csv'];
    for (const url of urls) await fails(bars('', { data: { url } }), `asks for ${url}`);
    await fails(
      bars('', { mark: { type: 'image', url: 'http://127.0.0.1:9/a.png' } }),
      'asks for http://127.0.0.1:9/a.png',
    );
    assert.is(fetched, 0);
  } finally {
    globalThis.fetch = fetch;
  }
});

test('a specification that Vega-Lite warns about is refused', async () => {
  await fails(bars('', { encoding: { shade: { field: 'score' } } }), 'shade is not a valid encoding channel');
  await fails(bars('', { transform: [{ calculate: 'nonsense(1)', as: 'a' }] }), 'Unrecognized function: nonsense');
});

test('Inter is registered once, and comes as CSS for pages', () => {
  registerFonts();
  registerFonts();
  const styles = GlobalFonts.families.find(({ family }) => family === 'Inter')?.styles ?? [];
  assert.equal([...new Set(styles.map(({ weight }) => weight))].sort(), [400, 600]);
  assert.is(styles.length, 6, 'three files of each weight');
  assert.is(fontFaces().match(/@font-face \{ font-family: 'Inter'; font-weight: [46]00; src: url\(data:/g)?.length, 2);
});

async function fails(spec: TopLevelSpec, words: string): Promise<void> {
  try {
    await renderChart(spec);
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.ok(error.message.includes(words), `"${error.message}" does not say "${words}"`);
    return;
  }
  assert.unreachable(`the chart is drawn, but should fail with "${words}"`);
}

test.run();
