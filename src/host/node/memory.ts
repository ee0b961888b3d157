/**
 * @file Measures the memory that this process can still allocate. A software device computes in it, and Linux kills a process
 * that exceeds it without a message.
 */
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname } from 'node:path';

/** Names the maximum of bytes for this process, set by a parent that shares the memory out, such as a study of parallel runs. */
export const MEMORY_VARIABLE = 'ZDIM_GAN_LAB_MEMORY';

/** Reads a file; undefined if absent. */
type Read = (path: string) => string | undefined;

/** Control groups: the places and names of their files. */
const GROUPS = {
  2: { root: '/sys/fs/cgroup', limit: 'memory.max', used: 'memory.current', cached: /^(?:in)?active_file (\d+)/gm },
  1: {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cached: /^total_(?:in)?active_file (\d+)/gm,
  },
} as const;

/**
 * Bytes that this process can still allocate: the minimum of what the machine, its control groups, `ulimit -v` and
 * {@link MEMORY_VARIABLE} leave.
 *
 * @returns undefined if unknown: macOS counts its caches as used
 */
export function freeMemory(read: Read = readText, platform: string = process.platform): number | undefined {
  const { [MEMORY_VARIABLE]: told = '' } = process.env;
  const bounds = [
    platform === 'linux' ? linuxMemory(read) : platform === 'darwin' ? undefined : freemem(),
    /^\d+$/.test(told) ? Number(told) : undefined,
  ].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? undefined : Math.max(0, Math.min(...bounds));
}

function linuxMemory(read: Read): number | undefined {
  const kibibytes = (path: string, name: string): number | undefined => {
    const [, value] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(read(path) ?? '') ?? [];
    return value === undefined ? undefined : 1024 * Number(value);
  };
  const available = kibibytes('/proc/meminfo', 'MemAvailable');
  const [, addresses] = /^Max address space\s+(\d+)/m.exec(read('/proc/self/limits') ?? '') ?? [];
  const mapped = kibibytes('/proc/self/status', 'VmSize') ?? 0;
  const bounds = [
    ...(available === undefined ? [] : [available]),
    ...(addresses === undefined ? [] : [Number(addresses) - mapped]),
    ...groupBounds(read),
  ];
  return bounds.length === 0 ? undefined : Math.min(...bounds);
}

/** Free bytes of each control group of this process. Cached files count as free. */
function groupBounds(read: Read): number[] {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  return lines.flatMap(([, controllers = '', ...path]) => {
    const version = controllers === '' ? 2 : controllers.split(',').includes('memory') ? 1 : undefined;
    if (version === undefined || path.length === 0) return [];
    const { root, limit, used, cached } = GROUPS[version];
    return parentsOf(path.join(':')).flatMap((group) => {
      const number = (file: string): number => Number.parseInt(read(`${root}${group}/${file}`) ?? '', 10);
      const [most, now] = [number(limit), number(used)];
      // "max" in version 2, and a number beyond all memory in version 1: no limit.
      if (Number.isNaN(most) || Number.isNaN(now) || most > Number.MAX_SAFE_INTEGER) return [];
      const stat = read(`${root}${group}/memory.stat`) ?? '';
      return [most - now + [...stat.matchAll(cached)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)];
    });
  });
}

/** A group and those above it: `/a/b` → `/a/b`, `/a`, and the root. In a container only the last may be there. */
function parentsOf(group: string): string[] {
  return group === '/' || group === '.' || group === '' ? [''] : [group, ...parentsOf(dirname(group))];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
