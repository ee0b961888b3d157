/**
 * @file The power iteration that estimates a weight's largest singular value, for spectral normalisation. Miyato et al.
 * 2018, https://arxiv.org/abs/1802.05957, algorithm 1.
 *
 * A weight is the matrix W [units, the rest] of that paper: a row an output unit, whichever of its axes the units are
 * on. In memory it is [outer, units, inner], so that nothing is turned: HWIO weights are [KH·KW·I, O, 1], those of a
 * transposed convolution [KH·KW, O, I].
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';

import type { Device } from '../../gpu/device.js';
import { binary } from '../elementwise.js';
import { sum } from '../reduce.js';
import { checkOperand } from '../shape/strides.js';
import { workgroupSumLanes } from '../workgroupSum.js';

export interface WeightMatrix {
  readonly outer: number;
  readonly units: number;
  readonly inner: number;
}

/** Estimates of the first singular vectors, both of length 1 unless σ is 0, and of the singular value. */
export interface SingularVectors {
  /** [units] */
  readonly u: DeviceBuffer;
  /** [outer, inner] */
  readonly v: DeviceBuffer;
  /** One value: uᵀ W v, which is ‖W v‖. */
  readonly sigma: DeviceBuffer;
}

/**
 * v ← Wᵀu / ‖Wᵀu‖, then u ← Wv / ‖Wv‖. The given buffer u is not written.
 *
 * If Wᵀu is 0, as for a kernel of zeros, v and σ are 0 and u is unchanged, so that it is valid once W is no longer 0.
 */
export function powerIteration(
  device: Device,
  weight: DeviceBuffer,
  u: DeviceBuffer,
  { outer, units, inner }: WeightMatrix,
): SingularVectors {
  const op = 'powerIteration';
  const shape = [outer, units, inner];
  checkOperand(op, 'the weight', weight, shape);
  checkOperand(op, 'u', u, [units]);
  return device.scope(
    () => {
      const byUnit = binary(device, 'mul', weight, shape, u, [units, 1]);
      const { y: v } = unitVector(device, sum(device, byUnit, shape, [1]), outer * inner);
      const byInput = binary(device, 'mul', weight, shape, v, [outer, 1, inner]);
      const { y, norm } = unitVector(device, sum(device, byInput, shape, [0, 2]), units, { otherwise: u });
      return { u: y, v, sigma: norm };
    },
    (found) => [found.u, found.v, found.sigma],
  );
}

interface UnitVectorOptions {
  /** [count], the result if x is all zeros; zeros if absent. */
  readonly otherwise?: DeviceBuffer | undefined;
  /** Lanes of the workgroup, a power of two; chosen for the device if absent. */
  readonly lanes?: number | undefined;
}

/** x / ‖x‖₂, and ‖x‖₂, whatever its size: no square overflows. */
export function unitVector(
  device: Device,
  x: DeviceBuffer,
  count: number,
  { otherwise = x, lanes = workgroupSumLanes(device) }: UnitVectorOptions = {},
): { readonly y: DeviceBuffer; readonly norm: DeviceBuffer } {
  const op = 'unitVector';
  checkOperand(op, 'x', x, [count]);
  checkOperand(op, 'otherwise', otherwise, [count]);
  const y = device.allocate(count * 4, op);
  const norm = device.allocate(4, `${op} norm`);
  device.dispatch({
    kernel: {
      name: op,
      files: ['common/workgroupSum.wgsl', 'common/nan.wgsl', 'norm/spectralNorm/unit.wgsl'],
      constants: { LANES: lanes },
    },
    buffers: [x, otherwise, y, norm],
    params: { count },
    workgroups: [1, 1, 1],
  });
  return { y, norm };
}
