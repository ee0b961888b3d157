/** @file Readies a fresh clone: dependencies, build and adapter. */
import { prepare } from './lib/prepare.mjs';
import { runMain } from './lib/run.mjs';

await runMain(async () => {
  await prepare();
  return 0;
});
