/** @file `npm start`: trains the quick preset of the DCGAN at z_dim 100. `npm start -- --z 10` and the like pass through. */
import { prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

await runMain(async () => {
  await prepare();
  // npm changes to the project's folder; commands that the program tells the user to paste are for the user's own.
  const user = { ZDIM_USER_FOLDER: process.env.INIT_CWD ?? process.cwd() };
  return runNode(['dist/cli', 'train', '--z', '100', '--preset', 'quick', ...process.argv.slice(2)], user);
});
