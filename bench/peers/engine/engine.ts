/**
 * @file Runs the engine itself as one of the peers: its differentiable operations, recorded and replayed, with tuned tiles.
 */
import type { Engine } from '../../../src/autograd/engine.js';
import * as ops from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import type { Plan } from '../../../src/gpu/plan/plan.js';
import { batchNormApply, batchNormGradient, batchNormStatistics } from '../../../src/kernels/norm/batchNorm.js';
import { benchEngine, openBenchDevice } from '../../support/bench.js';
import { environment } from '../../support/report.js';
import { discard } from '../../support/measure.js';
import { prepareGan } from './gan.js';
import type { Peer, PeerOptions, Work } from '../peer.js';
import { EPSILON, inputShapes, inputsOf, STRIDE, type BatchNormTask, type GanTask, type Task } from '../tasks.js';

export async function openOurs({ adapter, tune }: PeerOptions): Promise<Peer> {
  const options = { adapter, tune, quick: false, profile: false, pictures: '' };
  const device = await openBenchDevice(options);
  const engine = benchEngine(device, options);
  return {
    device: device.adapter.name,
    environment: environment(device.adapter, device.subgroupSize),
    prepare: (task) => (task.kind === 'gan' ? prepareGan(engine, task) : Promise.resolve(prepareKernels(engine, task))),
  };
}

function prepareKernels(engine: Engine, task: Exclude<Task, GanTask>): Work {
  const { device } = engine;
  const values = inputsOf(task);
  const inputs = inputShapes(task).map((shape, index) => engine.tensor(values[index] ?? [], shape));
  const body = bodyOf(task, inputs);
  // Repetitions lie in one plan, as a training step's kernels do; they are as many in every round.
  const plans = new Map<number, Plan<readonly Tensor[]>>();
  let last: Plan<readonly Tensor[]> | undefined;
  return {
    run: async (times) => {
      last = plans.get(times) ?? (await engine.record(() => repeat(body, times)));
      plans.set(times, last);
      last.replay();
      await device.synchronize();
    },
    outputs: () => Promise.all((last?.results ?? []).map((tensor) => tensor.data())),
    dispose: () => {
      for (const plan of plans.values()) plan.dispose();
      discard(
        device,
        inputs.map((tensor) => tensor.buffer),
      );
    },
  };
}

function repeat<T>(body: () => T, times: number): T {
  for (let time = 1; time < times; time++) body();
  return body();
}

function bodyOf(task: Exclude<Task, GanTask>, inputs: readonly Tensor[]): () => readonly Tensor[] {
  const [a, b] = inputs;
  if (a === undefined || b === undefined) throw new Error('a task has two inputs at least');
  if (task.kind === 'batchNorm') return normBody(task, inputs);
  const window = { stride: STRIDE, padding: 'same' } as const;
  if (task.kind === 'matmul') return () => [ops.matmul(a, b, task)];
  if (task.kind === 'conv2d') return () => [ops.conv2d(a, b, window)];
  if (task.kind === 'convTranspose2d') return () => [ops.convTranspose2d(a, b, window)];
  return () => [ops.convWeightGradient(a, b, { ...window, kernelSize: [task.kernel, task.kernel] })];
}

/** Kernel by kernel: `gradients` would differentiate a scalar, which no other peer has to compute. */
function normBody({ backward }: BatchNormTask, inputs: readonly Tensor[]): () => readonly Tensor[] {
  const [x, gamma, beta, dy] = inputs;
  if (x === undefined || gamma === undefined || beta === undefined || dy === undefined) {
    throw new Error('a batch normalisation has four inputs');
  }
  const { engine, shape, size } = x;
  const { device } = engine;
  const channels = gamma.size;
  const rows = size / channels;
  return () => {
    const statistics = batchNormStatistics(device, x.buffer, rows, channels);
    const affine = { gamma: gamma.buffer, beta: beta.buffer, epsilon: EPSILON, activation: 'relu' } as const;
    const common = { ...statistics, ...affine, x: x.buffer, rows, channels };
    if (!backward) return [engine.wrap(batchNormApply(device, common), shape)];
    const { dx, dGamma, dBeta } = batchNormGradient(device, { ...common, dy: dy.buffer });
    return [engine.wrap(dx, shape), engine.wrap(dGamma, [channels]), engine.wrap(dBeta, [channels])];
  };
}
