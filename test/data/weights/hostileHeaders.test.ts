/**
 * @file Safetensors headers that are almost right: names, numbers, brackets and places other than they should be.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeSafetensors, parseSafetensors } from '../../../src/data/weights/safetensors.js';
import { product, readsOrRefuses, safetensors, sameTensors } from '../../files/arbitraryFiles.js';
import { spelt, textMutation } from '../../support/mutations.js';
import { rawSafetensors } from './rawSafetensors.js';

fc.configureGlobal({ seed: 20_240_611, includeErrorInReport: true });

/** What the file says its header takes: mostly the truth. */
const claim = fc.oneof(
  { weight: 9, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 1n, 7n, 100_000_000n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n) },
);

test('safetensors: headers with other numbers, names and brackets, some of them endless', () => {
  let accepted = 0;
  const headers = fc.tuple(
    safetensors,
    fc.array(textMutation, { minLength: 1, maxLength: 3 }),
    claim,
    fc.nat({ max: 9 }),
  );
  fc.assert(
    fc.property(headers, ([file, mutations, claimed, cut]) => {
      const bytes = encodeSafetensors(file);
      const dataStart = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const header = Buffer.from(bytes.subarray(8, dataStart)).toString();
      const changed = mutations.reduce((so, mutation) => mutation(so), header);
      const data = bytes.subarray(dataStart, bytes.length - (cut < 6 ? 0 : cut - 5));
      if (readsOrRefuses(rawSafetensors(changed, data, claimed)) !== undefined) accepted++;
    }),
    { numRuns: 4000 },
  );
  // Both ways are taken: some mutations only spell the same differently.
  assert.ok(accepted > 200 && accepted < 3000, `${accepted} were accepted`);
});

test('safetensors: another writer’s order, spaces and escapes change nothing', () => {
  const choices = fc.infiniteStream(fc.nat({ max: 0xffff }));
  fc.assert(
    fc.property(safetensors, choices, (file, stream) => {
      const choose = (count: number): number => Number(stream.next().value) % count;
      const shuffled = <T>(all: Iterable<T>): T[] =>
        [...all]
          .map((one) => ({ one, key: choose(1000) }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
      const space = (): string => ['', '', ' ', '\n', '\t\r '][choose(5)]!;
      const string = (value: string): string =>
        choose(2) === 0 ? JSON.stringify(value) : spelt(JSON.stringify(value));
      const group = (open: string, members: string[], close: string): string =>
        open + space() + members.join(`${space()},${space()}`) + space() + close;
      const member = (key: string, value: string): string => `${string(key)}${space()}:${space()}${value}`;
      const object = (members: string[]): string => group('{', shuffled(members), '}');

      const parts: Uint8Array[] = [];
      let end = 0;
      const members = shuffled(file.tensors).map(([name, { shape, values }]) => {
        const begin = end;
        end += values.byteLength;
        parts.push(new Uint8Array(values.buffer));
        const entry = [
          member('dtype', string(values instanceof Float32Array ? 'F32' : 'U32')),
          member('shape', group('[', shape.map(String), ']')),
          member('data_offsets', group('[', [String(begin), String(end)], ']')),
        ];
        return member(name, object(entry));
      });
      const notes = [...file.metadata].map(([key, value]) => member(key, string(value)));
      const header = object([...members, member('__metadata__', object(notes))]) + space();
      const read = readsOrRefuses(rawSafetensors(header, Buffer.concat(parts)));
      assert.ok(read);
      sameTensors(read, file);
    }),
    { numRuns: 1000 },
  );
});

interface Place {
  readonly shape: number[];
  begin: number;
  end: number;
}

/** Whether the tensors take the bytes that they point at, each byte is one tensor's, and none lies within another. */
function isLayout(places: readonly Place[], dataBytes: number): boolean {
  const owners = new Array<number>(dataBytes).fill(0);
  const borders = new Set([0, ...places.filter(({ begin, end }) => begin < end).map(({ end }) => end)]);
  for (const { shape, begin, end } of places) {
    if (begin > end || end > dataBytes || end - begin !== 4 * product(shape) || !borders.has(begin)) return false;
    for (let byte = begin; byte < end; byte++) owners[byte]!++;
  }
  return owners.every((count) => count === 1);
}

test('safetensors: exactly those places are taken that cover the data, each byte once', () => {
  const shapes = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }), { minLength: 1, maxLength: 4 });
  const shift = fc.constantFrom(-8, -4, -1, 1, 4, 8);
  const shifts = fc.array(fc.tuple(fc.nat(), shift, fc.constantFrom('begin', 'end', 'both', 'size', 'data')), {
    maxLength: 3,
  });
  const counts = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(shapes, shifts, fc.nat(), (all, changes, turn) => {
      let dataBytes = 0;
      const places = all.map((shape): Place => {
        const begin = dataBytes;
        dataBytes += 4 * product(shape);
        return { shape: [...shape], begin, end: dataBytes };
      });
      for (const [which, by, what] of changes) {
        const chosen = places[which % places.length]!;
        if (what === 'begin' || what === 'both') chosen.begin = Math.max(0, chosen.begin + by);
        if (what === 'end' || what === 'both') chosen.end = Math.max(0, chosen.end + by);
        if (what === 'size' && chosen.shape.length > 0) chosen.shape[0] = Math.max(0, chosen.shape[0]! + Math.sign(by));
        if (what === 'data') dataBytes = Math.max(0, dataBytes + by);
      }
      const entries = places.map(({ shape, begin, end }, i) => {
        return `"${i}":{"dtype":"U32","shape":${JSON.stringify(shape)},"data_offsets":[${begin},${end}]}`;
      });
      const turned = [...entries.slice(turn % all.length), ...entries.slice(0, turn % all.length)];
      const bytes = rawSafetensors(
        `{${turned.join(',')}}`,
        Uint8Array.from({ length: dataBytes }, (_, i) => i),
      );
      const taken = readsOrRefuses(bytes) !== undefined;
      assert.is(taken, isLayout(places, dataBytes));
      counts[taken ? 'taken' : 'refused']++;
    }),
    { numRuns: 3000 },
  );
  assert.ok(counts.taken > 300 && counts.refused > 300, JSON.stringify(counts));
});

test('safetensors: claims of a terabyte are refused without one', () => {
  for (const shape of [
    '[1099511627776]',
    '[1048576,1048576]',
    '[9007199254740991]',
    '[4294967295,4294967295,4294967295]',
  ]) {
    for (const end of [0, 4, 4_398_046_511_104, 9_007_199_254_740_991]) {
      const header = `{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,${end}]}}`;
      assert.not(readsOrRefuses(rawSafetensors(header, [0, 0, 0, 0])));
    }
  }
});

test('safetensors: headers of endless lists are refused by their count, not after they were read', () => {
  const tensor = (name: number): string => `"${name}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
  const members = (count: number): string => Array.from({ length: count }, (_, index) => tensor(index)).join();
  assert.is(readsOrRefuses(rawSafetensors(`{${members(1000)}}`, []))?.tensors.size, 1000);
  // What follows the bound is not even looked at: it is no JSON.
  for (const [header, message] of [
    [`{${members(10_001)}, and no more`, /the header has more than 10000 keys/],
    [`{"a":{"dtype":"F32","shape":[${'1,'.repeat(1e6)}`, /shape: more than 256 numbers/],
    [`{"a":{"dtype":"F32","data_offsets":[${'0,'.repeat(1e6)}`, /data_offsets: more than 256 numbers/],
    [
      `{"__metadata__":{${Array.from({ length: 10_001 }, (_, index) => `"${index}":""`).join()}, and no more`,
      /__metadata__ has more than 10000 keys/,
    ],
  ] as const) {
    assert.throws(() => parseSafetensors(rawSafetensors(header, []), 'f'), message);
  }
  const many = new Map(Array.from({ length: 10_000 }, (_, index) => [`${index}`, '']));
  assert.throws(() => encodeSafetensors({ tensors: new Map(), metadata: many }), /fewer than 10000 tensors and notes/);
});

test.run();
