/** @file `npm run doctor`: tells what this machine has. It installs no adapter, so that it can tell that there is none. */
import { prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare({ adapter: false });
  return runNode(['dist/cli', 'doctor', ...process.argv.slice(2)]);
});
