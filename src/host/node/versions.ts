/**
 * @file Reads the versions that a result depends on.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

function versionIn(file: URL): string {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof known === 'string' ? known : 'unknown';
}

/** Versions of this project, Dawn's package and Node. */
export function versions(): { project: string; webgpu: string; node: string } {
  const project = versionIn(new URL('../../../package.json', import.meta.url));
  return {
    project,
    webgpu: versionIn(pathToFileURL(createRequire(import.meta.url).resolve('webgpu/package.json'))),
    node: process.version,
  };
}
