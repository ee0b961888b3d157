/** @file `npm run bench`: the kernels' speed on this machine's adapter. */
import { prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare();
  return runNode(['--import', 'tsx', 'bench/index.ts', ...process.argv.slice(2)]);
});
