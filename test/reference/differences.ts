/**
 * @file Gradients by central differences: what a VJP is checked against.
 */
import { type Array64, array64, describe } from './tensor.js';

/**
 * ∂f/∂x ≈ (f(x + h) − f(x − h)) / 2h for every value of every input. The error is of order h² from the formula and
 * 10⁻¹⁶ / h from rounding: at h = 10⁻⁴ some 10⁻⁸ of f's third derivative. It needs f smooth within h of the inputs: keep
 * them clear of the kinks of ReLU, abs and max-pooling.
 *
 * @param f must return one value
 */
export function centralDifferences(
  f: (...inputs: Array64[]) => Array64,
  inputs: readonly Array64[],
  step = 1e-4,
): Array64[] {
  const evaluate = (changed: number, position: number, value: number): number => {
    const copies = inputs.map(({ shape, data }) => array64(shape, data));
    copies[changed]!.data[position] = value;
    const output = f(...copies);
    if (output.data.length !== 1)
      throw new Error(`centralDifferences: f returned ${describe(output.shape)}; it takes an f of one value`);
    return output.data[0]!;
  };
  return inputs.map(({ shape, data }, input) =>
    array64(
      shape,
      data.map((value, position) => {
        const [above, below] = [value + step, value - step];
        // Divided by what lies between the two as rounded, which is not quite 2h.
        return (evaluate(input, position, above) - evaluate(input, position, below)) / (above - below);
      }),
    ),
  );
}
