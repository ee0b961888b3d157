/**
 * @file What makes no sense of that which the discriminator is given to see: a reason each.
 */
import { MAX_NOISE_ITERATIONS, MAX_PACK } from './limits.js';
import type { Objective } from './objective.js';

export function* inputRefusals({
  pack,
  instanceNoise,
  noiseIterations,
}: Pick<Objective, 'pack' | 'instanceNoise' | 'noiseIterations'>): Generator<string> {
  if (!(Number.isInteger(pack) && pack >= 1 && pack <= MAX_PACK)) {
    yield `--pack ${pack}: it takes an integer from 1 to ${MAX_PACK}`;
  }
  if (instanceNoise !== undefined && !(instanceNoise > 0 && Number.isFinite(instanceNoise))) {
    yield `--instance-noise ${instanceNoise}: it takes a number above 0`;
  }
  if (noiseIterations === undefined) return;
  if (!(Number.isInteger(noiseIterations) && noiseIterations >= 1 && noiseIterations <= MAX_NOISE_ITERATIONS)) {
    yield `--noise-iterations ${noiseIterations}: it takes an integer of at least 1`;
  }
  if (instanceNoise === undefined) {
    yield `--noise-iterations ${noiseIterations}: there is no noise to fade without --instance-noise`;
  }
}

/** Why a batch of so many images does not do. One that is no two halves is refused where they are made. */
export function* batchRefusals(
  { pack, minibatchStddev, schedule }: Pick<Objective, 'pack' | 'minibatchStddev' | 'schedule'>,
  batch: number,
): Generator<string> {
  const halves = schedule === 'halves';
  const real = halves ? batch / 2 : batch;
  if (!Number.isInteger(real)) return;
  const seen = halves ? `${real} images at a time, half a batch of ${batch}` : `a batch of ${batch} images`;
  if (real % pack !== 0) {
    yield `--pack ${pack}: the discriminator sees ${seen}, which is no whole number of packs`;
  }
  if (minibatchStddev && real / pack < 2) {
    const what = pack === 1 ? 'image' : `pack of ${pack}`;
    yield `--minibatch-stddev: the discriminator sees ${seen}, and a single ${what} does not vary`;
  }
}
