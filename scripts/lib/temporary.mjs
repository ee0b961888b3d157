/**
 * @file Temporary folders of the scripts, in the system's folder for such. Their names say whose they are, so that those of
 * killed processes are removed by the next that makes one.
 */
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'zdim-gan-lab-';

/** Numbers of processes count within a PID namespace; a folder may be shared by several. */
const space = () => {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '0';
  }
};

/** @param {number} pid */
const isRunning = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Removes folders of this user whose process is gone. */
const removeAbandoned = () => {
  const name = new RegExp(`^${PREFIX}${space()}-(\\d+)-`);
  for (const entry of readdirSync(tmpdir())) {
    const pid = Number(name.exec(entry)?.[1]);
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    const path = join(tmpdir(), entry);
    try {
      const found = lstatSync(path);
      const isOwn = process.getuid === undefined || found.uid === process.getuid();
      if (found.isDirectory() && isOwn) rmSync(path, { recursive: true });
    } catch {
      // Already removed, or not removable: it does no harm.
    }
  }
};

/** @returns {string} a new folder, which its maker removes */
export const makeTemporary = () => {
  removeAbandoned();
  return mkdtempSync(join(tmpdir(), `${PREFIX}${space()}-${process.pid}-`));
};

/**
 * Keeps a temporary folder for the user, under a name that no clean-up removes.
 * @param {string} folder
 * @returns {string} its path from now on
 */
export const keepTemporary = (folder) => {
  const kept = mkdtempSync(join(tmpdir(), `${PREFIX}kept-`));
  // Windows renames onto no folder.
  rmdirSync(kept);
  renameSync(folder, kept);
  return kept;
};
