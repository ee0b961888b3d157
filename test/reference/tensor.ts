/**
 * @file The reference's arrays: a shape and its values in row-major order, in float64.
 */

export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Zeros where no values are given. */
export function array64(shape: readonly number[], values?: ArrayLike<number>): Array64 {
  const size = sizeOf(shape);
  if (values && values.length !== size)
    throw new Error(`array64: got ${values.length} values; the shape ${describe(shape)} takes ${size}`);
  return { shape: [...shape], data: values ? Float64Array.from(values) : new Float64Array(size) };
}

/** An array of no axes. */
export function scalar64(value: number): Array64 {
  return array64([], [value]);
}

/** The same shape, each value through f. */
export function map64(x: Array64, f: (value: number) => number): Array64 {
  return array64(x.shape, x.data.map(f));
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** How far apart neighbours along each axis lie: the product of the later lengths. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** The multi-index of the value at a flat position. */
export function indexAt(position: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** The flat position of a multi-index. */
export function positionAt(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((position, i, axis) => position + i * strides[axis]!, 0);
}

export function describe(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** An error that names the operation, the shapes it got and the shapes it takes. */
export function shapeError(op: string, got: Readonly<Record<string, Array64>>, takes: string): Error {
  const shapes = Object.entries(got).map(([name, { shape }]) => `${name} ${describe(shape)}`);
  return new Error(`${op}: got ${shapes.join(' and ')}; it takes ${takes}`);
}
