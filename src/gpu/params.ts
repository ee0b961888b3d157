/**
 * @file Packs the fields of a kernel's uniform, given by name, as the shader's own `struct Params` lays them out.
 */
import { ValidationError } from './errors.js';

/**
 * Fields of `struct Params` by name. A vector or an array of vectors is a list of its components; an array may be given
 * in part, and the rest is 0. A negative integer in a `u32` is stored in two's complement.
 */
export type Params = Readonly<Record<string, number | readonly number[]>>;

type Scalar = 'u32' | 'i32' | 'f32';

interface Field {
  readonly name: string;
  readonly scalar: Scalar;
  /** In words of 4 bytes. */
  readonly offset: number;
  /** Components. */
  readonly length: number;
  readonly isArray: boolean;
}

const STRUCT = /struct Params \{([^}]*)\}/;
const FIELD = /(\w+)\s*:\s*(?:array<\s*vec4([uif])\s*,\s*(\d+)\s*>|vec([234])([uif])|([uif]32))\s*(?:,|$)/y;
const SCALARS: Readonly<Record<string, Scalar>> = { u: 'u32', i: 'i32', f: 'f32' };

const WORD_RANGE = 'an integer from -2^31 to 2^32 - 1';

/** Whether 32 bits hold the value, as an `i32` or a `u32`. */
function isWord(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32;
}

/** The uniform's layout in one shader. */
export class ParamsLayout {
  private constructor(
    private readonly fields: readonly Field[],
    private readonly words: number,
  ) {}

  /**
   * Reads `struct Params` out of WGSL text.
   *
   * @returns undefined where the text declares none
   * @throws ValidationError for a field of a type that this file does not lay out
   */
  static parse(kernel: string, wgsl: string): ParamsLayout | undefined {
    const body = STRUCT.exec(wgsl.replace(/\/\/.*/g, ''))?.[1]?.trim();
    if (body === undefined) return undefined;
    const fields: Field[] = [];
    let end = 0;
    let at = 0;
    while (at < body.length) {
      FIELD.lastIndex = at;
      const match = FIELD.exec(body);
      if (match === null) {
        throw new ValidationError(
          kernel,
          `got "${body.slice(at)}" in struct Params; it takes u32, i32, f32, vectors of them and arrays of vec4`,
        );
      }
      const [text, name = '', element, count, width, component, scalar] = match;
      const isArray = element !== undefined;
      const length = isArray ? 4 * Number(count) : Number(width ?? 1);
      const alignment = length === 1 ? 1 : length === 2 ? 2 : 4;
      const offset = Math.ceil(end / alignment) * alignment;
      const kind = element ?? component ?? scalar?.charAt(0) ?? '';
      fields.push({ name, scalar: SCALARS[kind] ?? 'u32', offset, length, isArray });
      end = offset + length;
      at += text.length;
      while (/\s/.test(body.charAt(at))) at++;
    }
    return new ParamsLayout(fields, Math.ceil(end / 4) * 4);
  }

  /** @throws ValidationError naming the field that is missing, unknown, too long, no integer or beyond 32 bits */
  pack(kernel: string, params: Params): Uint32Array {
    const words = new Uint32Array(this.words);
    const floats = new Float32Array(words.buffer);
    for (const { name, scalar, offset, length, isArray } of this.fields) {
      const given = params[name];
      const values = typeof given === 'number' ? [given] : given;
      if (values === undefined) throw refuseParams(kernel, params, this);
      if (isArray ? values.length > length : values.length !== length) {
        throw new ValidationError(
          kernel,
          `got ${values.length} values for its field ${name}; it takes ${isArray ? 'up to ' : ''}${length}`,
        );
      }
      values.forEach((value, index) => {
        if (scalar === 'f32') floats[offset + index] = value;
        else if (isWord(value)) words[offset + index] = value;
        else throw new ValidationError(kernel, `got ${value} for its field ${name}; it takes ${WORD_RANGE}`);
      });
    }
    if (Object.keys(params).length > this.fields.length) throw refuseParams(kernel, params, this);
    return words;
  }

  /** `{ rows, columns }` */
  toString(): string {
    return describe(this.fields.map(({ name }) => name));
  }
}

/** @returns an error that lists the fields that a shader got and those that it takes */
export function refuseParams(
  kernel: string,
  params: Params | undefined,
  layout: ParamsLayout | undefined,
): ValidationError {
  const got = params === undefined ? 'no params' : `params ${describe(Object.keys(params))}`;
  return new ValidationError(kernel, `got ${got}; it takes ${layout === undefined ? 'none' : layout.toString()}`);
}

function describe(names: readonly string[]): string {
  return `{ ${names.join(', ')} }`;
}

const bits = new DataView(new ArrayBuffer(4));

/** The bits of a float32 as an integer: for a float in a field of integers. */
export function floatBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}
