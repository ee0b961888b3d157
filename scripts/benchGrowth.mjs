/** @file `npm run bench:growth`: how a training step's time and memory grow with its sizes. */
import { isLookup, prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare({ adapter: !isLookup(process.argv.slice(2)) });
  return runNode(['--import', 'tsx', 'experiments/growth/index.ts', ...process.argv.slice(2)]);
});
