/**
 * @file Child processes: handed the terminal, or kept quiet with the log shown only on failure.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepTemporary, makeTemporary } from './temporary.mjs';

/** The repository's root. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An end that needs a message, not a stack trace. */
export class Stop extends Error {}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} the exit code, as a shell would tell it
 */
const exitCode = (child) =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });

/**
 * Runs `node ARGS` in the foreground. Ctrl-C reaches the whole process group, so it is left to the child, which may have
 * a checkpoint to write; any other request to end is passed on. The channel, over which nothing is sent, tells the child when
 * this process is gone.
 * @param {string[]} args
 * @param {Record<string, string>} [env] what is different in its environment
 */
export const runNode = (args, env = {}) => {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  });
  process.on('SIGINT', () => undefined);
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  return exitCode(child);
};

/**
 * Runs a command with its output kept in a temporary file, which is shown if the command fails.
 * @param {string} title what is being done, for the reader
 * @param {string[]} command
 * @param {{ mayFail?: boolean, shell?: boolean }} [options]
 */
export const runQuietly = async (title, [program = '', ...args], { mayFail = false, shell = false } = {}) => {
  const folder = makeTemporary();
  const path = join(folder, 'log.txt');
  const log = openSync(path, 'w');
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', log, log], shell });
  const code = await exitCode(child).catch((/** @type {unknown} */ error) => String(error));
  closeSync(log);
  const text = readFileSync(path, 'utf8').trimEnd();
  if (code !== 0 && !mayFail) {
    const kept = join(keepTemporary(folder), 'log.txt');
    throw new Stop(
      `${text}\n\n${title} failed (${code}): ${[program, ...args].join(' ')}\nThe log above is kept in ${kept}`,
    );
  }
  rmSync(folder, { recursive: true });
};

/**
 * Runs a script's main function; its return value is the process's exit code.
 * @param {() => Promise<number>} main
 */
export const runMain = async (main) => {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
};
