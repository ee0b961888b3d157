/** @file `npm run tune`: which tiles are fastest on this machine's adapter. */
import { prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare({ adapter: !process.argv.includes('--help') });
  return runNode(['--import', 'tsx', 'bench/tune.ts', ...process.argv.slice(2)]);
});
