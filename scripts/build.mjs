/** @file `npm run build`: builds src/ into dist/, whether or not it is stale. */
import { ensureBuild } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runMain } from './lib/run.mjs';

await runMain(async () => {
  await ensureDependencies();
  await ensureBuild({ force: true });
  return 0;
});
