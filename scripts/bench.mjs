/** @file `npm run bench`: the kernels' speed on this machine's adapter. */
import { isLookup, prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare({ adapter: !isLookup(process.argv.slice(2)) });
  return runNode(['--import', 'tsx', 'bench/index.ts', ...process.argv.slice(2)]);
});
