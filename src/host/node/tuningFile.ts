/**
 * @file Finds measured tile choices: those that the package ships in assets/tuning.json, and those of this machine, in one JSON file
 * in the user's cache: { adapter: { problem: choice } }.
 */
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { removeTemporaries, writeAtomically } from '../../files/atomic.js';
import { makeFolder } from '../../files/folders.js';
import { parseRecord } from '../../files/json.js';
import { MOST_BYTES, readRegularText } from '../../files/regularFiles.js';
import {
  type AdapterChoices,
  choicesFor,
  parseChoiceMap,
  parseChoices,
  type TileChoices,
  type TunedAdapter,
} from '../../kernels/gemm/choices.js';
import type { TunerOptions, TuningStore } from '../../kernels/gemm/tuner.js';
import { packageFile } from './commandLine.js';

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
    load: (adapter) => parseChoiceMap(readAll(path)[adapter]),
    save(adapter, choices) {
      try {
        const before = readAll(path);
        const merged = new Map([...parseChoiceMap(before[adapter]), ...choices]);
        makeFolder(dirname(path));
        removeTemporaries(dirname(path), [basename(path)]);
        writeAtomically(path, `${JSON.stringify({ ...before, [adapter]: Object.fromEntries(merged) }, null, 1)}\n`);
      } catch {
        // They are measured again next time.
      }
    },
  };
}

/** Path of the choices that the package ships. */
export const SHIPPED_CHOICES = packageFile('assets/tuning.json');

/** The choices in a file of {@link SHIPPED_CHOICES}' format; none if it is absent or damaged. */
export function readChoices(path = SHIPPED_CHOICES): AdapterChoices[] {
  return parseChoices(readAll(path));
}

/** The shipped choices for an adapter or one like it; undefined if there are none. */
export function shippedChoices(adapter: TunedAdapter): TileChoices | undefined {
  return choicesFor(readChoices(), adapter);
}

/**
 * How an engine on this machine chooses its tiles.
 *
 * @param tune true: measures anew what it uses. False: measures nothing. If absent: measures only on an adapter of which the
 *   package ships no choices, and what the cache does not have.
 */
export function tuningOf(
  adapter: TunedAdapter,
  tune: boolean | undefined,
): Pick<TunerOptions, 'measure' | 'known' | 'store'> {
  const store = tuningFile();
  if (tune === true) return { measure: true, store: { ...store, load: () => new Map() } };
  return { measure: tune !== false, known: shippedChoices(adapter), store };
}
