/**
 * @file Measures matrix products: cubes, their transposed forms, and the dense layers of both architectures.
 */
import {
  matmul,
  matmulProblem,
  matmulTransposed,
  matmulTransposedProblem,
  type MatmulShape,
} from '../../src/kernels/gemm/matmul.js';
import type { Case, Group } from '../support/bench.js';
import { productCase } from '../support/product.js';

type Form = 'A × B' | 'A × Bᵀ' | 'Aᵀ × B';

const BATCH = 32;

function matmulCase(name: string, shape: MatmulShape, form: Form): Case {
  const { rows, inner, columns } = shape;
  const sizes = { a: rows * inner, b: inner * columns, output: rows * columns };
  if (form === 'Aᵀ × B') {
    return productCase(
      name,
      sizes,
      (a, b, output) => matmulTransposedProblem(shape, { a, b, output }),
      (device, tuner, a, b) => matmulTransposed(device, tuner, { a, b, shape }),
    );
  }
  const transposeB = form === 'A × Bᵀ';
  return productCase(
    name,
    sizes,
    (a, b, output) => matmulProblem({ ...shape, transposeB }, { a, b, output }),
    (device, tuner, a, b) => matmul(device, tuner, { a, b, shape, transposeB }),
  );
}

function cube(size: number, form: Form = 'A × B'): Case {
  return matmulCase(`${size}³ ${form}`, { rows: size, inner: size, columns: size }, form);
}

/** A dense layer, and its gradients; the one by its input is wanted only where that is not z. */
function dense(inputs: number, units: number, wantsInput: boolean): Case[] {
  const name = `dense ${BATCH}×${inputs} → ${units}`;
  const forward = matmulCase(name, { rows: BATCH, inner: inputs, columns: units }, 'A × B');
  const weights = matmulCase(`${name}, by weights`, { rows: inputs, inner: BATCH, columns: units }, 'Aᵀ × B');
  const input = matmulCase(`${name}, by input`, { rows: BATCH, inner: units, columns: inputs }, 'A × Bᵀ');
  return wantsInput ? [forward, weights, input] : [forward, weights];
}

export const matmulGroup: Group = {
  name: 'matmul',
  unit: 'GFLOP/s',
  cases: [
    cube(256),
    cube(512),
    cube(1024),
    cube(512, 'A × Bᵀ'),
    cube(512, 'Aᵀ × B'),
    // dcgan
    ...dense(100, 6272, false),
    ...dense(6272, 1, true),
    // article
    ...dense(1024, 6272, true),
    ...dense(3200, 256, true),
  ],
  note: 'Dense layers at batch 32 read each weight for 32 products or fewer: memory bounds them on most devices.',
};
