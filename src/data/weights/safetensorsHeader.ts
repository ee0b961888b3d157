/**
 * @file Parses the JSON header of a safetensors file: { name: { dtype, shape, data_offsets } } and `__metadata__`. Accepts
 * only what the format allows at each place, so nesting is bounded. JSON.parse is not suitable: it hides repeated keys,
 * treats `__proto__` specially and rounds integers beyond 2^53.
 */
import { printable, shown } from '../printable.js';

/** The supported element types, both of four bytes. */
export type Dtype = 'F32' | 'U32';

/** A tensor as the header describes it: its bytes are `begin` … `end` − 1 of the data. Not yet checked against the data. */
export interface Entry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Throws an error for a problem; adds the file's name before it and a full stop after it. */
export type Fail = (problem: string) => never;

/** The key of the metadata, which no tensor may have. */
export const METADATA = '__metadata__';

const GLIMPSE_CHARACTERS = 20;

/** Most tensors and metadata entries of a file. A malicious header of 100 MB could name millions, which take gigabytes. */
export const MOST_MEMBERS = 10_000;

/** Most dimensions of a shape. */
export const MOST_SIZES = 256;

/** Parses the header in one pass. */
export class HeaderReader {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly fail: Fail,
  ) {}

  read(): { entries: Map<string, Entry>; metadata: Map<string, string> } {
    const entries = new Map<string, Entry>();
    const metadata = new Map<string, string>();
    for (const name of this.#members('the header')) {
      if (name !== METADATA) entries.set(name, this.#entry(`tensor ${shown(name)}`));
      else for (const key of this.#members(METADATA)) metadata.set(key, this.#string(`${METADATA} ${shown(key)}`));
    }
    this.#skipSpace();
    if (this.#at < this.text.length) this.#expected('the header', 'only spaces after its last }');
    return { entries, metadata };
  }

  #entry(where: string): Entry {
    let dtype: Dtype | undefined;
    let shape: number[] | undefined;
    let offsets: number[] | undefined;
    for (const key of this.#members(where)) {
      if (key === 'dtype') dtype = this.#dtype(where);
      else if (key === 'shape') shape = this.#sizes(`${where}: shape`);
      else if (key === 'data_offsets') offsets = this.#sizes(`${where}: data_offsets`);
      else this.fail(`${where}: expected dtype, shape and data_offsets, found the key ${shown(key)}`);
    }
    if (dtype === undefined || shape === undefined || offsets === undefined) {
      const missing = Object.entries({ dtype, shape, data_offsets: offsets }).filter(
        ([, value]) => value === undefined,
      );
      return this.fail(`${where}: ${missing.map(([key]) => key).join(' and ')} missing`);
    }
    const [begin, end] = offsets;
    if (begin === undefined || end === undefined || offsets.length > 2) {
      return this.fail(`${where}: expected data_offsets [begin, end], found ${offsets.length} numbers`);
    }
    return { dtype, shape, begin, end };
  }

  #dtype(where: string): Dtype {
    const found = this.#string(`${where}: dtype`);
    if (found === 'F32' || found === 'U32') return found;
    return this.fail(`${where}: dtype ${shown(found)} is not read here, only F32 and U32 are`);
  }

  /** The keys of an object. The caller must read each value before it takes the next key. */
  *#members(where: string): Generator<string> {
    const seen = new Set<string>();
    if (!this.#take('{')) this.#expected(where, 'an object');
    if (this.#take('}')) return;
    do {
      const key = this.#string(`a key of ${where}`);
      if (seen.has(key)) this.fail(`${where} has the key ${shown(key)} twice`);
      seen.add(key);
      if (seen.size > MOST_MEMBERS) this.fail(`${where} has more than ${MOST_MEMBERS} keys`);
      if (!this.#take(':')) this.#expected(where, `a colon after ${shown(key)}`);
      yield key;
    } while (this.#take(','));
    if (!this.#take('}')) this.#expected(where, 'a comma or }');
  }

  #sizes(where: string): number[] {
    const sizes: number[] = [];
    if (!this.#take('[')) this.#expected(where, 'an array of integers');
    if (this.#take(']')) return sizes;
    do {
      if (sizes.length === MOST_SIZES) return this.fail(`${where}: more than ${MOST_SIZES} numbers`);
      this.#skipSpace();
      // Sixteen digits are enough for 2^53 − 1; the number must end after them.
      const digits = /^(?:0|[1-9]\d{0,15})(?![\d.eE])/.exec(this.text.slice(this.#at, this.#at + 17))?.[0];
      if (digits === undefined || !isSize(Number(digits))) return this.#expected(where, 'integers from 0 to 2^53 − 1');
      this.#at += digits.length;
      sizes.push(Number(digits));
    } while (this.#take(','));
    if (!this.#take(']')) this.#expected(where, 'a comma or ]');
    return sizes;
  }

  #string(where: string): string {
    this.#skipSpace();
    const found = readString(this.text, this.#at);
    if (found === undefined) return this.#expected(where, 'a string');
    this.#at = found.end;
    return found.value;
  }

  /** Skips `mark` if it is the next character. */
  #take(mark: string): boolean {
    this.#skipSpace();
    const found = this.text[this.#at] === mark;
    if (found) this.#at++;
    return found;
  }

  #skipSpace(): void {
    while (isSpace(this.text[this.#at])) this.#at++;
  }

  #expected(where: string, what: string): never {
    this.#skipSpace();
    const rest = this.text.slice(this.#at, this.#at + GLIMPSE_CHARACTERS);
    const found = rest === '' ? 'its end' : printable(rest);
    return this.fail(`${where}: expected ${what} at character ${this.#at} of the header, found ${found}`);
  }
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

/** Reads the JSON string at `start`, and its end; undefined if there is none. */
function readString(text: string, start: number): { value: string; end: number } | undefined {
  if (text[start] !== '"') return undefined;
  // No regular expression: a long string would overflow its stack.
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  try {
    const value: unknown = JSON.parse(text.slice(start, ++end));
    return typeof value === 'string' && isUnicode(value) ? { value, end } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a number is a valid size or offset: a safe integer of at least 0. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Whether a text has no unpaired surrogate, which UTF-8 cannot encode and other readers reject. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
