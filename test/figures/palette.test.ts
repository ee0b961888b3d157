/**
 * @file Whether the colours of series are told apart, by normal sight and with each kind of colour blindness, and follow
 * the reader's system.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderChart } from '../../src/figures/chart.js';
import { DARK_STYLE, darkRules, HUES, NEUTRALS, SERIES } from '../../src/figures/palette.js';

type Triple = readonly [number, number, number];

/** Machado, Oliveira and Fernandes 2009, at full severity, on linear RGB. */
const SIGHTS: Readonly<Record<string, readonly Triple[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function each(values: Triple, of: (value: number) => number): Triple {
  return [of(values[0]), of(values[1]), of(values[2])];
}

/** Linear RGB of `#RRGGBB`. */
function linear(colour: string): Triple {
  const channel = (at: number): number => parseInt(colour.slice(at, at + 2), 16) / 255;
  return each([channel(1), channel(3), channel(5)], (value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
}

function luminance(colour: string): number {
  return dot([0.2126, 0.7152, 0.0722], linear(colour));
}

/** WCAG's contrast, 1 … 21. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** Oklab of a colour as it is seen. */
function seen(colour: string, sight: readonly Triple[]): Triple {
  const rgb = linear(colour);
  const [r = 0, g = 0, b = 0] = sight.map((row) => Math.min(1, Math.max(0, dot(row, rgb))));
  const cones = each(
    [
      dot([0.4122214708, 0.5363325363, 0.0514459929], [r, g, b]),
      dot([0.2119034982, 0.6806995451, 0.1073969566], [r, g, b]),
      dot([0.0883024619, 0.2817188376, 0.6299787005], [r, g, b]),
    ],
    Math.cbrt,
  );
  return [
    dot([0.2104542553, 0.793617785, -0.0040720468], cones),
    dot([1.9779984951, -2.428592205, 0.4505937099], cones),
    dot([0.0259040371, 0.7827717662, -0.808675766], cones),
  ];
}

test('any two of eight series are told apart on either ground, whatever colours one sees', () => {
  assert.is(Object.keys(HUES).length, 8);
  for (const side of ['light', 'dark'] as const) {
    const colours = Object.values(HUES).map((tone) => tone[side]);
    for (const [name, sight] of Object.entries(SIGHTS)) {
      const places = colours.map((colour) => seen(colour, sight));
      for (let i = 0; i < places.length; i++) {
        for (let j = 0; j < i; j++) {
          const [a, b] = [places[i]!, places[j]!];
          const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
          // Oklab's just noticeable difference is about 0.02.
          assert.ok(distance > 0.06, `${colours[i]} and ${colours[j]}, ${side}, ${name}: ${distance}`);
        }
      }
    }
  }
});

test('each series has a contrast of 3 to its ground, and each ink one of 4.5', () => {
  for (const side of ['light', 'dark'] as const) {
    const ground = NEUTRALS.ground[side];
    for (const tone of Object.values(HUES)) assert.ok(contrast(tone[side], ground) >= 3, `${tone[side]} on ${ground}`);
    for (const tone of [NEUTRALS.ink, NEUTRALS.quiet]) assert.ok(contrast(tone[side], ground) >= 4.5, tone[side]);
  }
});

test('a chart turns dark with the system: each of its colours has a rule, and its ground is no longer white', async () => {
  const values = SERIES.map((_, index) => ({ name: index.toString(), value: index }));
  const { svg } = await renderChart({
    data: { values },
    mark: 'bar',
    encoding: { x: { field: 'name' }, y: { field: 'value', type: 'quantitative' }, color: { field: 'name' } },
  });
  assert.ok(svg.includes(DARK_STYLE) && DARK_STYLE.includes('(prefers-color-scheme: dark)'));
  const rules = darkRules('.chart');
  const used = svg.replace(DARK_STYLE, '').matchAll(/ (fill|stroke)="(#[0-9A-F]{6}|white|black|rgb[^"]*)"/gi);
  let count = 0;
  for (const [, name = '', colour = ''] of used) {
    assert.ok(rules.includes(`.chart [${name}="${colour}"] { ${name}: #`), `${name} ${colour}`);
    count++;
  }
  assert.ok(count > 20);
  assert.ok(rules.includes(`[fill="${NEUTRALS.ground.light}"] { fill: ${NEUTRALS.ground.dark}; }`));
});

test.run();
