/**
 * @file Measures a memory-bound kernel: bytes per second relative to a copy of the same footprint.
 */
import type { Bench, Row } from './bench.js';
import { copyLimit } from './copyLimit.js';
import { measure, repeated } from './measure.js';

/**
 * @param moved bytes that it must read and write, each pass over a buffer counted
 * @param footprint bytes of the buffers that it touches, each counted once
 */
export async function runMemoryBound(
  bench: Bench,
  body: () => void,
  sizes: { readonly moved: number; readonly footprint: number },
): Promise<Row> {
  const { device, effort } = bench;
  const limit = await copyLimit(device, sizes.footprint, effort.sampleMs);
  const work = await repeated(device, body, effort.sampleMs);
  try {
    return { ...(await measure({ amount: sizes.moved, run: work.run }, limit, effort)), tile: '' };
  } finally {
    work.dispose();
    limit.dispose();
  }
}
