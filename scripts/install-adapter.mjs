/** @file Sees to a WebGPU adapter and nothing else: the one command that is run as root where the others may not be. */
import { ensureAdapter } from './lib/adapter.mjs';
import { runMain } from './lib/run.mjs';

await runMain(async () => {
  await ensureAdapter();
  return 0;
});
