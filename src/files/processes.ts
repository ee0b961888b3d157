/**
 * @file Identifies processes, so that a file can name its writer and others can check whether it still runs.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from './errors.js';

/** A process, as a file names it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** PID namespace, in which `pid` counts; empty where the system does not say. */
  readonly space: string;
  /** Boot and start time: tells the process from a later one with the same number. Empty where the system does not say. */
  readonly born: string;
}

/** `unknown`: this process cannot tell, as the other one belongs to another host or PID namespace. */
export type Liveness = 'running' | 'gone' | 'unknown';

/** In the place of the birth of a process that ended. */
const ENDED = 'ended';

/** The PID namespace that a Linux kernel starts with has this number on every machine (PROC_PID_INIT_INO). */
const FIRST_SPACE = 'pid:[4026531836]';

let known: ProcessIdentity | undefined;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  known ??= { pid: process.pid, host: hostname(), space: linkText('/proc/self/ns/pid'), born: birthIn('self') };
  return known;
}

/** Whether there is a process of this number; one of another user counts. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Whether a process still runs, as far as this one can tell. */
export function livenessOf({ pid, host, space, born }: ProcessIdentity): Liveness {
  const own = ownIdentity();
  if (host !== own.host) return 'unknown';
  if (space !== '' && own.space !== '') {
    // Another namespace has numbers of its own. After a restart of the machine the first namespace has the same number.
    if (space !== own.space) return 'unknown';
    if (space !== FIRST_SPACE && bootOf(born) !== bootOf(own.born)) return 'unknown';
  }
  const found = birthOf(pid);
  if (!isRunning(pid) || found === ENDED) return 'gone';
  // Where the system does not say, not of another user's process for one, the number must do.
  return found === '' || born === '' || found === born ? 'running' : 'gone';
}

/** Short words for the names of files: where a process's number counts, and its birth. */
export function marksOf({ host, space, born }: ProcessIdentity): { readonly place: string; readonly birth: string } {
  return { place: digest(`${host}\0${space}`), birth: digest(born) };
}

/** The same question as {@link livenessOf} for a process of which only number and marks are known. */
export function livenessByMarks(pid: number, { place, birth }: ReturnType<typeof marksOf>): Liveness {
  const own = marksOf(ownIdentity());
  if (place !== own.place) return 'unknown';
  const found = birthOf(pid);
  if (!isRunning(pid) || found === ENDED) return 'gone';
  return found === '' || birth === digest('') || digest(found) === birth ? 'running' : 'gone';
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function bootOf(born: string): string {
  return born.split('/')[0] ?? '';
}

/** The birth of any process; empty where /proc shows the numbers of another PID namespace. */
function birthOf(pid: number): string {
  return linkText('/proc/self') === process.pid.toString() ? birthIn(pid.toString()) : '';
}

/** On Linux, the boot and the tick at which a process started, or {@link ENDED}; empty elsewhere. */
function birthIn(entry: string): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
    // Field 2, the program's name, may hold spaces and brackets; field 22 is the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A process that ended, and that its parent has not looked after yet, holds nothing any more.
    return fields[0] === 'Z' ? ENDED : `${boot}/${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}

function linkText(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
