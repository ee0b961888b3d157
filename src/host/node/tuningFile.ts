/**
 * @file Stores measured tile choices as one JSON file in the user's cache: { adapter: { problem: tile } }.
 */
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { removeTemporaries, writeAtomically } from '../../files/atomic.js';
import { makeFolder } from '../../files/folders.js';
import { isRecord, parseRecord } from '../../files/json.js';
import { MOST_BYTES, readRegularText } from '../../files/regularFiles.js';
import type { TuningStore } from '../../kernels/gemm/tuner.js';

/** The project's folder in the user's cache: $XDG_CACHE_HOME or ~/.cache. */
export function cacheFolder(): string {
  const root = process.env.XDG_CACHE_HOME;
  return join(root === undefined || root === '' ? join(homedir(), '.cache') : root, 'zdim-gan-lab');
}

/** Raise it when tiles change, to discard old measurements. */
const VERSION = 3;

function readAll(path: string): Record<string, unknown> {
  try {
    return parseRecord(readRegularText(path, MOST_BYTES.json)) ?? {};
  } catch {
    // Absent, not a regular file, or damaged by a crash: tiles are measured again.
    return {};
  }
}

/** A store in `path`. If the file cannot be written, tiles are measured again next time. */
export function tuningFile(path = join(cacheFolder(), `tuning-v${VERSION}.json`)): TuningStore {
  return {
    load(adapter) {
      const choices = readAll(path)[adapter];
      if (!isRecord(choices)) return new Map();
      return new Map(
        Object.entries(choices).flatMap(([problem, tile]) =>
          typeof tile === 'string' ? [[problem, tile] as const] : [],
        ),
      );
    },
    save(adapter, choices) {
      try {
        const all = { ...readAll(path), [adapter]: Object.fromEntries(choices) };
        makeFolder(dirname(path));
        removeTemporaries(dirname(path), [basename(path)]);
        writeAtomically(path, `${JSON.stringify(all, null, 1)}\n`);
      } catch {
        // They are measured again next time.
      }
    },
  };
}
