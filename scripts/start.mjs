/** @file `npm start`: trains the quick preset of the DCGAN at z_dim 100 by the recipe of docs/recipe.md. Flags pass through. */
import { prepare } from './lib/prepare.mjs';
import { runMain, runNode } from './lib/run.mjs';

const RECIPE = ['--hidden', '256', '--ema', '0.99'];

await runMain(async () => {
  await prepare();
  // npm changes to the project's folder; commands that the program tells the user to paste are for the user's own.
  const user = { ZDIM_USER_FOLDER: process.env.INIT_CWD ?? process.cwd() };
  const args = ['--z', '100', '--preset', 'quick', ...RECIPE, ...process.argv.slice(2)];
  return runNode(['dist/cli', 'train', ...args], user);
});
