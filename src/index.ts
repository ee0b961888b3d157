/**
 * @file Exports the core, which runs in Node and in a browser: tensors, operations, gradients, optimisers, GANs and data.
 *
 * `zdim-gan-lab/node` and `zdim-gan-lab/browser` open the device that it computes on.
 */

// The device, and what an own kernel needs.
export { Device, type DeviceOptions } from './gpu/device.js';
export type { AdapterOptions, AdapterSummary } from './gpu/adapter.js';
export { linearWorkgroups, type Dispatch } from './gpu/commands.js';
export { floatBits, type Params } from './gpu/params.js';
export {
  DeviceLostError,
  GpuError,
  NoAdapterError,
  OutOfMemoryError,
  ShaderError,
  ValidationError,
} from './gpu/errors.js';
export type { DeviceBuffer } from './gpu/memory/buffers.js';
export type { Kernel } from './gpu/pipelines.js';
export type { Plan, PlanMemory } from './gpu/plan/plan.js';
export { profilePlan, type KernelTime } from './gpu/plan/profiler.js';

// Tensors and gradients.
export { Engine, type TensorTree } from './autograd/engine.js';
export { Tensor, type Node as TapeNode, type TensorOptions } from './autograd/tensor.js';
export {
  grad,
  gradients,
  valueAndGrad,
  type GradOptions,
  type ScalarFunction,
  type ValueAndGradients,
} from './autograd/grad.js';
export { checkGradients, checkSecondOrder, type CheckedFunction, type CheckInput } from './autograd/gradcheck.js';
export { taped } from './autograd/tape.js';
export * as ops from './autograd/ops/index.js';
export type { Activation, Padding } from './kernels/options.js';
export type { TunerOptions, TuningStore } from './kernels/gemm/tuner.js';
export {
  choicesFor,
  parseChoices,
  type AdapterChoices,
  type TileChoice,
  type TileChoices,
  type TunedAdapter,
} from './kernels/gemm/choices.js';

// Training.
export { Adam, type AdamSettings } from './models/optim/adam.js';
export type { Optimiser } from './models/optim/optimiser.js';
export { Sgd, type SgdSettings } from './models/optim/sgd.js';
export { ARCHITECTURES, type ArchitectureName } from './models/networks/architectures.js';
export { Gan } from './gan/gan.js';
export type { GanOptions } from './gan/gan.js';
export type { Metrics } from './gan/ganMetrics.js';
export { interpolatesPenalty, realPenalty } from './gan/gradientPenalty.js';
export { drawZ, linearWalk, sphericalWalk } from './gan/latent.js';
export { LOSSES, LOSS_NAMES, type Loss, type LossName } from './gan/losses.js';
export { ObjectiveError, type Objective } from './gan/objective.js';
export type { ObjectiveOptions } from './gan/settings.js';

export { GanTraining, type GanTrainingOptions, type Samples } from './training/gan/ganTraining.js';
export {
  Trainer,
  type RecordedTraining,
  type Schedule,
  type Trainable,
  type TrainingCallbacks,
  type TrainingParts,
  type TrainingPhase,
  type TrainingResult,
  type TrainingStore,
} from './training/trainer.js';

// Data.
export { Batches, fillImages } from './data/batches.js';
export { createDataset, type ImageDataset, type StoredDataset } from './data/dataset.js';
export { digitsDataset } from './data/digits/digits.js';
export { parseIdx, type IdxArray } from './data/idx.js';
export { randomStream, type RandomStream } from './data/randomStreams.js';
export { stackedMnist } from './data/stackedMnist.js';
export {
  encodeSafetensors,
  parseSafetensors,
  type Safetensors,
  type StoredTensor,
} from './data/weights/safetensors.js';
export { networkState, restore, snapshot, type Snapshot, type State } from './data/weights/state.js';
