/**
 * @file Measures how fast the device copies: the limit of memory-bound kernels. The copy has the case's own footprint, since
 * data that fit into a cache are faster.
 */
import { foldedWorkgroups } from '../../src/gpu/commands.js';
import type { Device } from '../../src/gpu/device.js';
import { discard, noisy, repeated, type Limit } from './measure.js';

const WORDS_A_GROUP = 1024;

export interface CopyLimit extends Limit {
  readonly dispose: () => void;
}

/**
 * @param footprint bytes of all buffers that the case touches, half of which the copy reads and half it writes.
 * @param sampleMs a sample takes about so long, or longer.
 */
export async function copyLimit(device: Device, footprint: number, sampleMs: number): Promise<CopyLimit> {
  const words = Math.ceil(footprint / 32);
  const source = noisy(device, words * 4, 1).buffer;
  const destination = device.allocatePersistent(words * 16, 'copy');
  const copy = (): void => {
    device.dispatch({
      kernel: { name: 'copy', files: ['bench/copy.wgsl'] },
      buffers: [source, destination],
      params: { words },
      workgroups: foldedWorkgroups(Math.ceil(words / WORDS_A_GROUP)),
    });
  };
  const { run, dispose } = await repeated(device, copy, sampleMs);
  return {
    sample: async () => (words * 32) / (await run()) / 1e6,
    dispose: () => {
      dispose();
      discard(device, [source, destination]);
    },
  };
}
