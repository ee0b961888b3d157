/** @file `npm test`: all tests, or those whose path holds one of the given words. */
import { isLookup, prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare({ adapter: !isLookup(process.argv.slice(2)) });
  return runNode(['--import', 'tsx', 'test/run.ts', ...process.argv.slice(2)]);
});
