/**
 * @file Makes the random number generators of the host: one for each text, or for each seed and use of it.
 *
 * The generator is seedrandom's ARC4. Its key has 256 bytes. seedrandom keeps the low byte of each character, folds
 * characters after the 256th into the key, and ARC4 repeats a shorter key to 256 bytes. Different texts can therefore fill
 * the key alike: `1` and `ı` (U+0131), `ab` and `abab`.
 */
// eslint-disable-next-line no-restricted-imports -- the one place that makes generators
import seedrandom from 'seedrandom';
import { sha256Bytes } from './hashing.js';

/** Uniform numbers: in [0, 1) when called, or 32 bits at a time. */
export interface RandomStream {
  (): number;
  /** A signed integer of 32 bits. */
  int32(): number;
}

/** Bytes of an ARC4 key. */
const KEY_BYTES = 256;

/** Latin-1 without the controls U+0080 to U+009F: these characters are their own low byte, and none is the {@link MARK}. */
const PLAIN = /^[\0-\x7f\xa0-\xff]*$/;

/** First character of a hashed key. */
const MARK = '\x80';

/**
 * The generator of one use of a seed.
 *
 * @param seed any text; different seeds give different streams
 * @param name of the use. No name may end in `/` and another name, so that seed and name can be told apart.
 */
export function randomStream(seed: string, name: string): RandomStream {
  return randomOf(`${seed}/${name}`);
}

/**
 * The generator of a text. Different texts get different keys.
 *
 * A plain text of at most 256 characters is the key itself, unless a shorter text fills the key alike. The key of any other
 * text is the SHA-256 of its UTF-16 code units, so lone surrogates count as well.
 */
export function randomOf(text: string): RandomStream {
  return seedrandom(isOwnKey(text) ? text : hashedKey(text));
}

function isOwnKey(text: string): boolean {
  return text.length <= KEY_BYTES && PLAIN.test(text) && !isFilledByShorter(text);
}

/** Whether the text, repeated to 256 characters, is also a shorter text repeated to 256 characters. */
function isFilledByShorter(text: string): boolean {
  const { length } = text;
  // ARC4 takes one zero byte for an empty key.
  if (length === 0) return true;
  const key = text.repeat(Math.ceil(KEY_BYTES / length)).slice(0, KEY_BYTES);
  for (let period = 1; period < length; period++) {
    if (key.startsWith(key.slice(period))) return true;
  }
  return false;
}

/** Not by way of UTF-8, which has no lone surrogates. */
function hashedKey(text: string): string {
  const units = new DataView(new ArrayBuffer(2 * text.length));
  for (let index = 0; index < text.length; index++) units.setUint16(2 * index, text.charCodeAt(index), true);
  return MARK + String.fromCharCode(...sha256Bytes(new Uint8Array(units.buffer)));
}
