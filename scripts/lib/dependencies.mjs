/**
 * @file The npm packages: installed when those in node_modules are not the ones that the lock file names.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT, runQuietly } from './run.mjs';

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */

/**
 * @param {string} path
 * @returns {Packages | undefined} undefined where there is no readable lock file
 */
const readLock = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/**
 * npm writes node_modules/.package-lock.json once an install is complete, so it tells what is really there. Optional
 * packages may be missing: most of them are another platform's binaries.
 * @param {string} root
 */
export const dependenciesAreCurrent = (root = ROOT) => {
  const wanted = readLock(join(root, 'package-lock.json'));
  const present = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted)
    .filter(([path]) => path !== '')
    .every(([path, { version, optional }]) => {
      const found = present[path];
      return found ? found.version === version : optional === true;
    });
};

export const ensureDependencies = async () => {
  if (dependenciesAreCurrent()) return;
  console.log('Installing the dependencies (npm ci) ...');
  // The npm that runs this script, if one does: it need not be on the path. Windows starts npm.cmd by a shell only.
  const npm = process.env.npm_execpath;
  const command = npm && basename(npm) === 'npm-cli.js' ? [process.execPath, npm] : ['npm'];
  // NODE_ENV=production would leave out TypeScript, which the build needs.
  await runQuietly('Installing the dependencies', [...command, 'ci', '--include=dev'], {
    shell: command.length === 1 && process.platform === 'win32',
  });
};
