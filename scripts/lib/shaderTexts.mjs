/**
 * @file Writes the texts of `shaders/` into one module, src/gpu/shaderTexts.js, so that no program reads shader files at run time.
 */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ROOT } from './run.mjs';

const MODULE = join(ROOT, 'src', 'gpu', 'shaderTexts.js');

/** @returns {string} the module's source for the shader files as they are now */
const render = () => {
  const folder = join(ROOT, 'shaders');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.wgsl'));
  const entries = paths
    .map((path) => path.split(sep).join('/'))
    .sort()
    .map((path) => `  ${JSON.stringify(path)}: ${JSON.stringify(readFileSync(join(folder, path), 'utf8'))},\n`);
  return `// Generated from shaders/ by scripts/lib/shaderTexts.mjs.\nexport const SHADER_TEXTS = {\n${entries.join('')}};\n`;
};

const present = () => {
  try {
    return readFileSync(MODULE, 'utf8');
  } catch {
    return undefined;
  }
};

/**
 * Brings the module up to date.
 * @returns {boolean} whether it was missing or stale
 */
export const ensureShaderTexts = () => {
  const wanted = render();
  if (present() === wanted) return false;
  // A process that runs side by side must not read half a file.
  const draft = `${MODULE}.${process.pid}.draft`;
  writeFileSync(draft, wanted);
  renameSync(draft, MODULE);
  return true;
};
