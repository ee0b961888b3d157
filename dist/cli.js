/**
 * @file What `node dist/cli` runs: the one committed file of dist/, which each build lays there again. In a fresh clone it
 * installs and builds what is missing; then it starts the command line in this same process.
 */
import { existsSync } from 'node:fs';

/** @param {string} path seen from dist/ */
const at = (path) => new URL(path, import.meta.url);

const isReady = ['.stamp', 'cli/index.js', '../node_modules/commander'].every((path) => existsSync(at(path)));

/** @returns {Promise<boolean>} whether the command line can be started */
const makeReady = async () => {
  const { runMain } = await import('./lib/run.mjs');
  // Messages go to stderr: stdout is for the command's result.
  console.log = console.error;
  await runMain(async () => {
    const { prepare } = await import('./lib/prepare.mjs');
    await prepare({ adapter: false });
    return 0;
  });
  return process.exitCode === 0;
};

const start = async () => {
  try {
    await import(at('cli/index.js').href);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    console.error(
      `error: ${error.message.replace(/ imported from .*/s, '')}: install and build anew by npm ci, npm run build`,
    );
    process.exitCode = 1;
  }
};

// The package that comes from a registry has no such scripts, and is built.
if (isReady || !existsSync(at('./lib/prepare.mjs')) || (await makeReady())) {
  process.exitCode = undefined;
  await start();
}
