/**
 * @file Lists the cases: the DCGAN's layers at batch 32 with kernels of 4 × 4 (the engine's) and 5 × 5 (published DCGANs), a large matrix product, and whole training steps.
 */
import { BATCH, outputSize, STRIDE, type ConvTask, type GanTask, type MatmulTask, type Task } from './tasks.js';

export interface PeerCase {
  readonly group: 'matmul' | 'conv' | 'dense' | 'batchNorm' | 'step';
  readonly name: string;
  readonly task: Task;
}

const PLAIN = { kind: 'matmul', transposeA: false, transposeB: false } as const;

function cube(size: number): PeerCase {
  const task: MatmulTask = { ...PLAIN, rows: size, inner: size, columns: size };
  return { group: 'matmul', name: `${size}³`, task };
}

function dense(inputs: number, units: number): PeerCase[] {
  const name = `${BATCH}×${inputs} → ${units}`;
  const one = (suffix: string, task: MatmulTask): PeerCase => ({ group: 'dense', name: `${name}${suffix}`, task });
  return [
    one('', { ...PLAIN, rows: BATCH, inner: inputs, columns: units }),
    one(', by input', { ...PLAIN, rows: BATCH, inner: units, columns: inputs, transposeB: true }),
    one(', by weights', { ...PLAIN, rows: inputs, inner: BATCH, columns: units, transposeA: true }),
  ];
}

/**
 * A convolution and its transpose: one's gradient by its input is the other's forward pass, and their gradients by the
 * weights are the same, so that the two layers' forward and backward passes are three maps in all.
 */
function convolution(size: number, channels: number, filters: number, kernel: number): PeerCase[] {
  const sizes = { images: BATCH, size, channels, filters, kernel };
  const small = outputSize({ kind: 'conv2d', ...sizes });
  const [large, little] = [`${size}×${size}×${channels}`, `${small}×${small}×${filters}`];
  const window = `${kernel}×${kernel}/${STRIDE}`;
  const one = (name: string, kind: ConvTask['kind']): PeerCase => ({
    group: 'conv',
    name,
    task: { kind, ...sizes },
  });
  return [
    one(`conv2d ${window} ${large} → ${little}`, 'conv2d'),
    one(`convTranspose2d ${window} ${little} → ${large}`, 'convTranspose2d'),
    one(`by weights ${window} ${large} ↔ ${little}`, 'convWeightGradient'),
  ];
}

function batchNorm(size: number, channels: number): PeerCase[] {
  return [false, true].map((backward) => ({
    group: 'batchNorm',
    name: `${BATCH}×${size}×${size}×${channels} + ReLU, ${backward ? 'forward and backward' : 'forward'}`,
    task: { kind: 'batchNorm', images: BATCH, size, channels, backward },
  }));
}

function step(name: string, gan: Omit<GanTask, 'kind'>): PeerCase {
  return { group: 'step', name, task: { kind: 'gan', ...gan } };
}

export const CASES: readonly PeerCase[] = [
  cube(1024),
  ...[5, 4].flatMap((kernel) => [...convolution(14, 64, 128, kernel), ...convolution(28, 1, 64, kernel)]),
  ...dense(100, 6272),
  ...dense(6272, 1),
  ...batchNorm(14, 64),
  ...batchNorm(7, 128),
  step('DCGAN, 4×4 kernels', { architecture: 'dcgan', kernel: 4, width: 1 }),
  step('DCGAN, 5×5 kernels', { architecture: 'dcgan', kernel: 5, width: 1 }),
  step('the article', { architecture: 'article', kernel: 5, width: 1 }),
  step('DCGAN, 4×4 kernels, quarter width', { architecture: 'dcgan', kernel: 4, width: 0.25 }),
];

export const NOTES = [
  "A convolution's gradient by its input is the row of its transpose, and the other way round; by weights is both's.",
  "ONNX Runtime's weights of forward passes are constants of the model; in Node, inputs and results cross from and to the host.",
  'jax-js and ONNX Runtime compute with channels first, as they prefer; the others with channels last.',
  'forward and backward: y, then dx, dγ and dβ of it, as automatic differentiation does them.',
  "A step's peers are given weights, images, z and dropout masks of the engine's, and their losses of the first three steps are compared.",
  'In Chromium the smallest training step is measured, on SwiftShader and with the engine’s fixed tiles: another device than that of the other columns on WebGPU.',
];
