/**
 * @file Computes a Hessian-vector product by differentiating twice, without ever forming the Hessian.
 *
 * Run: npx tsx examples/hessianVectorProduct.ts
 */
import { Engine, grad, ops, type Tensor } from 'zdim-gan-lab';
import { openDevice } from 'zdim-gan-lab/node';

const device = await openDevice();
const engine = new Engine(device);

/** Rosenbrock's function, (1 − a)² + 100 (b − a²)², at x = (a, b). */
function rosenbrock(x: Tensor): Tensor {
  const [a, b] = [ops.slice(x, 0, 1), ops.slice(x, 1, 1)];
  const valley = ops.square(ops.sub(b, ops.square(a)));
  return ops.sum(ops.add(ops.square(ops.addScalar(ops.neg(a), 1)), ops.scale(valley, 100)));
}

/** H v = ∇⟨∇f(x), v⟩. `createGraph` puts the inner gradient on the tape. */
function hessianVectorProduct(f: (x: Tensor) => Tensor, x: Tensor, v: Tensor): Tensor {
  const slopeAlong = (at: Tensor): Tensor => {
    const [gradient] = grad(f, { createGraph: true })(at);
    if (gradient === undefined) throw new Error('f has no gradient');
    return ops.sum(ops.mul(gradient, v));
  };
  return grad(slopeAlong)(x)[0] ?? v;
}

// At the minimum (1, 1) the Hessian is [[802, −400], [−400, 200]].
const x = engine.tensor([1, 1], [2]);
for (const direction of [
  [1, 0],
  [0, 1],
]) {
  const product = engine.scope(() => hessianVectorProduct(rosenbrock, x, engine.tensor(direction, [2])));
  console.log(`H · (${direction.join(', ')}) = (${Array.from(await product.data()).join(', ')})`);
}
device.destroy();
