/**
 * @file Adds an operation from user code: a WGSL kernel, and its gradient (VJP) in differentiable operations.
 *
 * Run: npx tsx examples/ownKernel.ts
 */
import { Engine, grad, linearWorkgroups, ops, taped, type Kernel, type Tensor } from 'zdim-gan-lab';
import { openDevice } from 'zdim-gan-lab/node';

/** y = x / (1 + |x|), value by value. Buffer i of the dispatch is bound at @binding(i). */
const SOFTSIGN = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.y * groups.x * 64u + id.x;
  if (index < arrayLength(&x)) {
    y[index] = x[index] / (1.0 + abs(x[index]));
  }
}`;

const KERNEL: Kernel = { name: 'softsign', files: ['own/softsign.wgsl'] };

function softsign(x: Tensor): Tensor {
  const { engine, shape, size } = x;
  const y = engine.device.allocate(4 * size, 'softsign');
  engine.device.dispatch({ kernel: KERNEL, buffers: [x.buffer, y], workgroups: linearWorkgroups(size) });
  // d softsign / dx = 1 / (1 + |x|)². It consists of operations, so it can be differentiated again.
  const slope = (): Tensor => ops.square(ops.reciprocal(ops.addScalar(ops.abs(x), 1)));
  return taped(engine.wrap(y, shape), 'softsign', [x], (gradient) => [ops.mul(gradient, slope())]);
}

const device = await openDevice({}, { shaders: { 'own/softsign.wgsl': SOFTSIGN } });
const engine = new Engine(device);
const x = engine.tensor([-3, -1, 0.5, 1], [4]);

const total = (t: Tensor): Tensor => ops.sum(softsign(t));
const slopes = (t: Tensor): Tensor => grad(total, { createGraph: true })(t)[0] ?? t;
const curvatures = grad((t) => ops.sum(slopes(t)))(x)[0] ?? x;

const list = async (tensor: Tensor): Promise<string> =>
  Array.from(await tensor.data(), (value) => value.toFixed(4)).join(', ');
console.log(`softsign:          ${await list(softsign(x))}`);
console.log(`first derivative:  ${await list(slopes(x))}`);
console.log(`second derivative: ${await list(curvatures)}`);
device.destroy();
