/**
 * @file The singular values of the generator's Jacobian ∂G/∂z: into how many directions an image moves when z does.
 *
 * The engine differentiates backwards, and J has more rows (pixels) than columns (dimensions of z). Its columns come by
 * differentiating twice: g(u) = Jᵀu is linear in u, so the gradient of ⟨g(u), v⟩ by u is J v, whatever u is. In
 * inference mode the rows of a batch know nothing of one another, so one pass takes a batch of (z, v) and gives as many
 * J v; with v the unit vectors these are the columns. The singular values are the roots of the eigenvalues of JᵀJ.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Engine } from '../../autograd/engine.js';
import { gradients } from '../../autograd/grad.js';
import { mul, sum } from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Plan } from '../../gpu/plan/plan.js';
import type { PartProgress } from '../progress.js';

/** Columns of Jacobians that one pass computes. */
const ROWS = 128;

/** z [rows, zDim], and behind each what is held still → images [rows, …]; each row by itself, and the same operations every time. */
export type Network = (z: Tensor) => Tensor;

/** Singular values at some points. */
export interface JacobianSpectrum {
  /** The root mean square over the points of the largest, the second largest, …: zDim of them. */
  readonly singularValues: number[];
  /** (Σσ²)² / Σσ⁴, mean over the points: 1 where one direction does all, zDim where all do alike; 0 where none does. */
  readonly effectiveDimension: number;
}

/** A recorded pass; it can be used while the network's weights change. */
export class JacobianProbe {
  private constructor(
    private readonly zDim: number,
    /** Numbers of a row that the network takes: z, and what is held still. */
    private readonly width: number,
    private readonly inputs: Readonly<Record<'z' | 'tangents' | 'cotangents', Tensor>>,
    private readonly plan: Plan<Tensor>,
  ) {}

  /**
   * Records the pass.
   *
   * @param width numbers that the network takes: z, and behind it such as are held still, as a class is
   * @throws the device's errors, or an operation's that has no second derivative
   */
  static async prepare(engine: Engine, network: Network, zDim: number, width = zDim): Promise<JacobianProbe> {
    const shape = [ROWS, width];
    const zeros = new Float32Array(ROWS * width);
    const z = engine.tensor(zeros, shape, { name: 'z', requiresGrad: true });
    const { results: images } = engine.device.trace(() => engine.noGrad(() => network(z)));
    const cotangents = new Float32Array(images.size);
    const inputs = {
      z,
      tangents: engine.tensor(zeros, shape, { name: 'tangents' }),
      cotangents: engine.tensor(cotangents, images.shape, { name: 'cotangents', requiresGrad: true }),
    };
    try {
      const plan = await engine.recordUntuned(() => engine.withTape(true, () => push(network, inputs)));
      return new JacobianProbe(zDim, width, inputs, plan);
    } catch (error) {
      for (const tensor of Object.values(inputs)) tensor.free();
      throw error;
    }
  }

  /**
   * @param z [points, width]
   * @throws Error for numbers that are no points, or a Jacobian that is not finite; the device's errors
   */
  async measure(z: Float32Array, progress?: PartProgress): Promise<JacobianSpectrum> {
    const points = z.length / this.width;
    if (!Number.isInteger(points) || points === 0 || !z.every(Number.isFinite)) {
      throw new Error(`JacobianProbe: got ${z.length} numbers; it takes finite points of ${this.width}, one at least`);
    }
    const spectra: Float64Array[] = [];
    for await (const columns of this.jacobians(z, progress)) spectra.push(squaredSingularValues(columns, this.zDim));
    return spectrumOf(spectra);
  }

  /** The Jacobians at z [points, width] in turn, by columns: [zDim, pixels] each. */
  async *jacobians(z: Float32Array, progress?: PartProgress): AsyncGenerator<Float32Array> {
    const { zDim, width, inputs, plan } = this;
    const pixels = inputs.cotangents.size / ROWS;
    const total = (z.length / width) * zDim;
    const rows = new Float32Array(ROWS * width);
    const tangents = new Float32Array(ROWS * width);
    let columns = new Float32Array(zDim * pixels);
    // Column c of point p is row p · zDim + c of all; as many as a pass takes are computed at once.
    for (let first = 0; first < total; first += ROWS) {
      const count = Math.min(ROWS, total - first);
      tangents.fill(0);
      for (let row = 0; row < count; row++) {
        const point = Math.floor((first + row) / zDim);
        rows.set(z.subarray(point * width, (point + 1) * width), row * width);
        tangents[row * width + ((first + row) % zDim)] = 1;
      }
      inputs.z.write(rows);
      inputs.tangents.write(tangents);
      plan.replay();
      const moved = await plan.results.data();
      progress?.(first + count, total);
      for (let row = 0; row < count; row++) {
        const column = (first + row) % zDim;
        columns.set(moved.subarray(row * pixels, (row + 1) * pixels), column * pixels);
        if (column < zDim - 1) continue;
        yield columns;
        columns = new Float32Array(zDim * pixels);
      }
    }
  }

  /** Frees the plan and its inputs; the network stays. */
  dispose(): void {
    this.plan.dispose();
    for (const tensor of Object.values(this.inputs)) tensor.free();
  }
}

/** J v for each row: ∂⟨∂⟨G(z), u⟩/∂z, v⟩/∂u. */
function push(network: Network, inputs: Readonly<Record<'z' | 'tangents' | 'cotangents', Tensor>>): Tensor {
  const { z, tangents, cotangents } = inputs;
  // A network that ignores z has a Jacobian of zeros.
  const [pulled] = gradients(sum(mul(network(z), cotangents)), [z], { createGraph: true, allowUnused: true });
  const [pushed] =
    pulled === undefined ? [] : gradients(sum(mul(pulled, tangents)), [cotangents], { allowUnused: true });
  return pushed ?? cotangents;
}

/** Eigenvalues of JᵀJ, descending. @param columns [zDim, pixels] */
function squaredSingularValues(columns: Float32Array, zDim: number): Float64Array {
  if (!columns.every(Number.isFinite))
    throw new Error('JacobianProbe: the Jacobian is not finite: the network diverged');
  const pixels = columns.length / zDim;
  const gram = Matrix.zeros(zDim, zDim);
  for (let row = 0; row < zDim; row++) {
    for (let column = row; column < zDim; column++) {
      let product = 0;
      for (let pixel = 0; pixel < pixels; pixel++) {
        product += columns[row * pixels + pixel]! * columns[column * pixels + pixel]!;
      }
      gram.set(row, column, product);
      gram.set(column, row, product);
    }
  }
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  // Rounding may take those of directions without effect below 0.
  return Float64Array.from(realEigenvalues, (value) => Math.max(0, value))
    .sort()
    .reverse();
}

/** @param spectra σ² of each point, descending */
function spectrumOf(spectra: readonly Float64Array[]): JacobianSpectrum {
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
  const singularValues = Array.from(spectra[0] ?? [], (_, index) => {
    return Math.sqrt(mean(spectra.map((squares) => squares[index]!)));
  });
  const participations = spectra.map((squares) => {
    const total = squares.reduce((sum_, value) => sum_ + value, 0);
    return total === 0 ? 0 : total ** 2 / squares.reduce((sum_, value) => sum_ + value ** 2, 0);
  });
  return { singularValues, effectiveDimension: mean(participations) };
}
