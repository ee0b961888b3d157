/**
 * @file Tests random streams: ASCII seeds keep seedrandom's bits, and different texts never share a key.
 */
import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Batches } from '../../src/data/batches.js';
import { createDataset } from '../../src/data/dataset.js';
import { DigitSource } from '../../src/data/digits/digits.js';
import { randomOf, randomStream } from '../../src/data/randomStreams.js';
import { stackedMnist } from '../../src/data/stackedMnist.js';
import { drawClasses } from '../../src/evaluation/inputs/classSampling.js';
import { drawPathSteps } from '../../src/evaluation/latent/pathLength.js';
import { drawZ } from '../../src/gan/latent.js';

/** 128 bits of a stream, which no two generators share by chance. */
function bits(random: { int32(): number }): string {
  return Array.from({ length: 4 }, () => random.int32()).join();
}

function assertDifferent(texts: readonly string[]): void {
  const known = new Map<string, string>();
  for (const text of texts) {
    const found = bits(randomOf(text));
    const other = known.get(found);
    assert.is(other, undefined, `${JSON.stringify(text)} and ${JSON.stringify(other)}`);
    known.set(found, text);
  }
}

test('the bits of ASCII and Latin-1 seeds are pinned', () => {
  const first = (seed: string): number => randomStream(seed, 'gpu').int32();
  assert.equal(['1', '', 'a seed', 'Zürich'].map(first), [1159549136, 1900038278, -1724421321, -1332583429]);
});

test('an ASCII text has the bits of seedrandom', () => {
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  for (const text of [
    '1/z',
    '/z',
    '42/parameters',
    'a seed/batches/epoch/7',
    '\t\n\x7f/z',
    `${printable}/z`,
    'Zürich/z',
  ]) {
    assert.is(bits(randomOf(text)), bits(seedrandom(text)), text);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (seed) => {
      // The dot is nowhere else: nothing shorter fills the key alike.
      const text = `${seed.replaceAll('.', '')}./z`;
      assert.is(bits(randomOf(text)), bits(seedrandom(text)));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('texts that seedrandom confuses get different streams', () => {
  const base = 'x'.repeat(255);
  assertDifferent([
    // The same low bytes.
    ...['1', 'ı', 'ȱ', '㈱', '\u{1F431}', '1\0'],
    // Lone surrogates, which UTF-8 takes for one character, and a pair in both orders.
    ...['\ud800', '\ud801', '\udc00', '\ud800\udc00', '\udc00\ud800', '\ufffd'],
    // Composed and decomposed.
    ...['é', 'e\u0301'],
    // One text, repeated; and repeated to the key's 256 bytes with a part of it left.
    ...['a', 'aa', 'aaa', 'a'.repeat(256), 'a'.repeat(257)],
    ...['1/z', '1/z1/z', '1/z1/z1/z'],
    ...['abc', 'abcabc', `${'abc'.repeat(85)}a`],
    ...['', '\0', '\0\0', '\x80', '\x81'],
    // Longer than the key: a difference 256 characters on made up for one at the start.
    ...[`A${base}v`, `B${base}c`],
    ...[base, `${base}x`, `${base}y`, `${base}xx`, `${base}xy`],
  ]);
  assert.is(bits(seedrandom(`A${base}v`)), bits(seedrandom(`B${base}c`)), 'seedrandom takes these two for one');
});

test('20,000 characters are different seeds', () => {
  assertDifferent(Array.from({ length: 20_000 }, (_, index) => `${String.fromCharCode(0x4e00 + index)}/z`));
});

test('different texts of any kind get different streams', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'á', 'š', '\ud800', '\0', '\x80'), maxLength: 6 }),
    fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 250, maxLength: 262 }),
    fc.tuple(fc.string({ maxLength: 3 }), fc.nat(90)).map(([part, times]) => part.repeat(times)),
  );
  fc.assert(
    fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 20 }), (texts) => assertDifferent(texts)),
    { seed: 1, numRuns: 100 },
  );
});

test('all draws differ between the seeds 1, ı and 漱, and repeat for the same seed', () => {
  const pixels = new Uint8Array(12 * 28 * 28).map((_, index) => index % 251);
  const labels = new Uint8Array(12).map((_, index) => index % 10);
  const source = createDataset({ name: 'twelve', count: 12, height: 28, width: 28, channels: 1, pixels, labels });
  const draws: Readonly<Record<string, (seed: string) => ArrayLike<number>>> = {
    z: (seed) => drawZ(1, 4, seed),
    batches: (seed) => new Batches(50, 10, `${seed}/batches`).batchAt(0),
    classes: (seed) => drawClasses(20, { shares: new Array<number>(10).fill(1), seed }),
    steps: (seed) => drawPathSteps(1, 4, seed).from,
    stacked: (seed) => stackedMnist(source, { seed, count: 10 }).labels,
    digits: (seed) => {
      const out = new Uint8Array(28 * 28);
      new DigitSource(seed).draw(0, out);
      return out;
    },
  };
  for (const [name, draw] of Object.entries(draws)) {
    const drawn = ['1', 'ı', '漱'].map((seed) => Array.from(draw(seed)).join());
    assert.is(new Set(drawn).size, 3, name);
    assert.is(Array.from(draw('漱')).join(), drawn[2], name);
  }
});

test.run();
