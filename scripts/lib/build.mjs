/**
 * @file The build of src/ into dist/: run again when what it was made from has changed.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ROOT, runQuietly } from './run.mjs';
import { ensureShaderTexts } from './shaderTexts.mjs';

const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.stamp');

const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Contents, not times: a checkout or a copy changes the times of files that are the same. */
const fingerprint = () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => extname(path) !== '')
    .map((path) => join('src', path));
  const hash = createHash('sha256');
  for (const path of [...sources.sort(), ...SETTINGS]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex');
};

const stamp = () => {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return undefined;
  }
};

/** @param {{ force?: boolean }} [options] */
export const ensureBuild = async ({ force = false } = {}) => {
  ensureShaderTexts();
  const wanted = fingerprint();
  if (!force && stamp() === wanted) return;
  console.log('Building ...');
  // What a removed source file left behind must not stay importable.
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  // First, so that a build that fails leaves what is committed.
  copyFileSync(join(ROOT, 'scripts', 'dist-cli.mjs'), join(DIST, 'cli.js'));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await runQuietly('The build', [process.execPath, tsc, '-p', 'tsconfig.build.json']);
  // tsc carries over neither plain JavaScript nor its declarations.
  for (const name of ['shaderTexts.js', 'shaderTexts.d.ts']) {
    copyFileSync(join(ROOT, 'src', 'gpu', name), join(DIST, 'gpu', name));
  }
  writeFileSync(STAMP, wanted);
};
