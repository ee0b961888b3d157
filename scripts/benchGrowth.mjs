/** @file `npm run bench:growth`: how a training step's time and memory grow with its sizes. */
import { prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare();
  return runNode(['--import', 'tsx', 'bench/growth.ts', ...process.argv.slice(2)]);
});
