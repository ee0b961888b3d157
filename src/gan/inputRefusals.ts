/**
 * @file What makes no sense of that which the discriminator is given to see: a reason each.
 */
import type { Objective } from './objective.js';

export function* inputRefusals({
  instanceNoise,
  noiseIterations,
}: Pick<Objective, 'instanceNoise' | 'noiseIterations'>): Generator<string> {
  if (noiseIterations !== undefined && instanceNoise === undefined) {
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
