/**
 * @file The command line as a process of its own, from the sources: no build is needed.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Without Dawn's two lines about limits. */
  readonly stderr: string;
}

/** Runs the program to its end; one that does not end is killed, and `signal` tells. */
export function zdim(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ending {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, ...args], {
    encoding: 'utf8',
    timeout: 240_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  const warnings = /^Warning: maxDynamic.*artificially reduced.*\n/gm;
  return { code: status, signal, stdout, stderr: stderr.replace(warnings, '') };
}
