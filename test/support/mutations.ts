/**
 * @file What can happen to files: bytes that change, vanish, appear or repeat, and safetensors headers that say
 * something else.
 */
import fc from 'fast-check';

type Mutation = (bytes: Uint8Array) => Uint8Array;

/** Where in a file, from 0 to 1; all places are as likely, which fc.double's are not. */
export const place = fc.nat({ max: 9999 }).map((n) => n / 10_000);
export const at = (bytes: Uint8Array, where: number): number => Math.floor(where * bytes.length);
export const splice = (bytes: Uint8Array, from: number, to: number, between: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(to)]));

const byteMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([where, bit]): Mutation => (bytes) => {
    const changed = bytes.slice();
    if (changed.length > 0) changed[at(bytes, where)]! ^= 1 << bit;
    return changed;
  }),
  fc.tuple(place, fc.constantFrom(0, 1, 0x22, 0x7b, 0x7f, 0x80, 0xff)).map(([where, value]): Mutation => (bytes) => {
    const changed = bytes.slice();
    changed.fill(value, at(bytes, where), at(bytes, where) + 1);
    return changed;
  }),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.slice(0, at(bytes, where)),
  ),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.slice(at(bytes, where)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 20 })).map(
    ([where, added]): Mutation =>
      (bytes) =>
        splice(bytes, at(bytes, where), at(bytes, where), added),
  ),
  fc.tuple(place, place, place).map(([a, b, c]): Mutation => (bytes) => {
    const [from, to] = [at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b))];
    return splice(bytes, at(bytes, c), at(bytes, c), bytes.subarray(from, to));
  }),
  fc.tuple(place, place).map(([a, b]): Mutation => (bytes) => {
    return splice(bytes, at(bytes, Math.min(a, b)), at(bytes, Math.max(a, b)), new Uint8Array(0));
  }),
);

/** Files after one to three of these. */
export const mutated = (file: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(file, fc.array(byteMutation, { minLength: 1, maxLength: 3 }))
    .map(([bytes, mutations]) => mutations.reduce((changed, mutation) => mutation(changed), bytes));

// --- safetensors headers

type TextMutation = (header: string) => string;

/** Puts `change` of it in the place of one of the matches of `pattern`. */
const change =
  (pattern: RegExp, where: number, changed: (match: string) => string): TextMutation =>
  (header) => {
    const matches = [...header.matchAll(pattern)];
    const match = matches[Math.floor(where * matches.length)];
    if (match === undefined) return header;
    return header.slice(0, match.index) + changed(match[0]) + header.slice(match.index + match[0].length);
  };

const NUMBER = /\d+/g;
const STRING = /"(?:[^"\\]|\\.)*"/g;
const MARK = /[{}[\],:]/g;
const MEMBER = /"(?:[^"\\]|\\.)*":(?:\{[^{}]*\}|\[[^[\]]*\]|"[^"\\]*")/g;
const EXTREMES = ['0', '1', '4', '8', '4294967296', '1099511627776', '9007199254740991', '9007199254740992'];
const NO_SIZES = ['18446744073709551616', '1e400', '1e3', '0.5', '-1', '-0', '007', 'null', '[]', '"4"', ''];
const STRINGS = [
  '"a"',
  '"__proto__"',
  '"__metadata__"',
  '"dtype"',
  '"\\u0073hape"',
  '"F16"',
  '"\\ud800"',
  '7',
  '{}',
  '',
];

/** A JSON string with all of it escaped. */
export const spelt = (quoted: string): string => {
  // An earlier change may have left what only looks like a string.
  if (/\\[^"\\/bfnrtu]|\\u(?![\da-f]{4})/i.test(quoted)) return quoted;
  const units = JSON.parse(quoted) as string;
  return `"${units.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
};

/** What can happen to a header. */
export const textMutation: fc.Arbitrary<TextMutation> = fc.oneof(
  fc.tuple(place, fc.constantFrom(...EXTREMES, ...NO_SIZES)).map(([where, to]) => change(NUMBER, where, () => to)),
  fc.tuple(place, fc.constantFrom(...STRINGS)).map(([where, to]) => change(STRING, where, () => to)),
  place.map((where) => change(STRING, where, spelt)),
  fc.tuple(place, fc.constantFrom('{', '}', '[', ']', ',', ':')).map(([where, to]) => change(MARK, where, () => to)),
  fc
    .tuple(place, fc.constantFrom('[', '{"a":', '[0,', ' ', '\t', ',', '"x":1,'), fc.constantFrom(1, 2, 3000))
    .map(([where, unit, times]) => change(MARK, where, (mark) => mark + unit.repeat(times))),
  place.map((where) => change(MEMBER, where, (member) => `${member},${member}`)),
  place.map((where) => change(MEMBER, where, (member) => `${member},${member.replace(STRING, spelt)}`)),
  fc.tuple(place, place).map(([a, b]): TextMutation => (header) => {
    const numbers = header.match(NUMBER) ?? [];
    const [one, other] = [Math.floor(a * numbers.length), Math.floor(b * numbers.length)];
    const swapped = numbers.map((n, i) => (i === one ? numbers[other]! : i === other ? numbers[one]! : n));
    return header.replace(NUMBER, () => swapped.shift()!);
  }),
);
