/**
 * @file Describes the machine of a run, and writes its results as JSON.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeAtomically } from '../../src/files/atomic.js';
import type { AdapterSummary } from '../../src/gpu/adapter.js';
import type { BenchOptions, Row } from './bench.js';
import type { ArithmeticLimit } from './limit.js';

export interface Environment {
  readonly adapter: string;
  readonly driver: string;
  readonly software: boolean;
  readonly subgroupSize: number | null;
  readonly node: string;
  /** Of the npm package that holds it. */
  readonly dawn: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cpuCount: number;
}

export interface NamedRow extends Row {
  readonly group: string;
  readonly name: string;
  readonly unit: string;
}

/** The version of the npm package `webgpu`: Dawn tells its own nowhere. */
function dawnVersion(): string {
  try {
    const text = readFileSync(new URL('../../node_modules/webgpu/package.json', import.meta.url), 'utf8');
    const parsed: unknown = JSON.parse(text);
    const named = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
    return named && typeof parsed.version === 'string' ? `webgpu@${parsed.version}` : 'unknown';
  } catch {
    return 'unknown';
  }
}

export function environment(adapter: AdapterSummary, subgroupSize: number | undefined): Environment {
  return {
    adapter: adapter.name,
    driver: adapter.driver,
    software: adapter.software,
    subgroupSize: subgroupSize ?? null,
    node: process.version,
    dawn: dawnVersion(),
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpuCount: availableParallelism(),
  };
}

/** Lines for the top of the table, the adapter first. */
export function environmentLines(about: Environment): string[] {
  return [
    `Adapter: ${about.adapter}${about.software ? ' (software: it computes on the CPU)' : ''}`,
    `Driver:  ${about.driver}`,
    `Host:    Node ${about.node}, Dawn of ${about.dawn}, ${about.platform}, ${about.cpuCount} CPUs (${about.cpu})`,
  ];
}

/** `bench/results/2025-01-31-nvidia-geforce-rtx-3080.json`; a suffix goes before `.json`. */
export function defaultPath(adapter: string, date: Date, suffix = ''): string {
  const name = `${date.toISOString().slice(0, 10)}-${slug(adapter)}${suffix}.json`;
  return fileURLToPath(new URL(`../results/${name}`, import.meta.url));
}

/** Lower-case letters and digits, with dashes for all else: a part of a file's name. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Writes the results. @returns the path, absolute. */
export function writeReport(
  path: string,
  date: Date,
  about: Environment,
  options: BenchOptions,
  limit: ArithmeticLimit,
  rows: readonly NamedRow[],
): string {
  return writeJson(path, {
    date: date.toISOString(),
    ...about,
    options,
    limit: { bestGigaflopsPerSecond: limit.best, loop: limit.name, loops: limit.rates },
    rows,
  });
}

/** Reads the rows that {@link writeReport} wrote; none if the file is absent. @throws Error for a file of another kind */
export function readRows(path: string): NamedRow[] {
  if (!existsSync(path)) return [];
  const report = JSON.parse(readFileSync(path, 'utf8')) as { rows?: NamedRow[] };
  if (!Array.isArray(report.rows)) throw new Error(`${path} holds no rows of a benchmark`);
  return report.rows;
}

/** Writes a report of any kind, completely or not at all. @returns the path, absolute */
export function writeJson(path: string, report: object): string {
  const target = resolve(path);
  mkdirSync(dirname(target), { recursive: true });
  writeAtomically(target, `${JSON.stringify(report, null, 2)}\n`);
  return target;
}
