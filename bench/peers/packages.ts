/**
 * @file Loads the packages of bench/peers/package.json, which need not be installed where this code is type-checked.
 */
import { createRequire } from 'node:module';
import { NotRun } from './peer.js';

const require = createRequire(import.meta.url);

/** Loads a package. The caller says what it is. @throws NotRun where it is not installed */
export function loadPackage(name: string): unknown {
  try {
    return require(name);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    if (missing && error.message.includes(`'${name}'`)) throw new NotRun('not installed (npm ci in bench/peers)');
    throw error;
  }
}

/** The version of an installed package, or that it is not there. */
export function packageVersion(name: string): string {
  try {
    const manifest: unknown = require(`./node_modules/${name}/package.json`);
    const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    return known && typeof manifest.version === 'string' ? manifest.version : 'unknown';
  } catch {
    return 'not installed';
  }
}
