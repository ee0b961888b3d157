/** @file `npm run gpu-day`: everything that a GPU is needed for, within a budget. It installs no adapter: the CPU is no GPU. */
import { prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare({ adapter: false });
  return runNode(['--import', 'tsx', 'experiments/gpuDay/index.ts', ...process.argv.slice(2)]);
});
