/**
 * @file Defines the results file of a comparison.
 */
import { readFileSync } from 'node:fs';
import { defaultPath, writeJson, type Environment } from '../support/report.js';
import { packageVersion } from './packages.js';
import { PEERS } from './peers.js';
import type { Result } from './rounds.js';

export interface PeerSummary {
  readonly name: string;
  readonly title: string;
  /** By package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly webgpu: boolean;
  /** What it computes on; absent where it did not start. */
  readonly device?: string;
  /** Why it did not start. */
  readonly failure?: string;
}

export interface CaseResults {
  readonly group: string;
  readonly name: string;
  readonly results: Readonly<Record<string, Result>>;
}

export interface PeersReport extends Environment {
  readonly date: string;
  readonly quick: boolean;
  readonly tune: boolean;
  readonly peers: readonly PeerSummary[];
  readonly rows: readonly CaseResults[];
}

/** What is known of a peer before it starts. */
export function summaryOf(name: string): Pick<PeerSummary, 'name' | 'title' | 'versions' | 'webgpu'> {
  const { title = name, packages = [], webgpu = false } = PEERS[name] ?? {};
  return { name, title, webgpu, versions: Object.fromEntries(packages.map((one) => [one, packageVersion(one)])) };
}

/** `bench/results/2025-01-31-nvidia-geforce-rtx-3080-peers.json` */
export function peersPath(adapter: string, date: Date): string {
  return defaultPath(adapter, date).replace(/\.json$/, '-peers.json');
}

export function writeResults(path: string, report: PeersReport): void {
  writeJson(path, report);
}

/** Reads a file that {@link writeResults} wrote. */
export function readResults(path: string): PeersReport {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<PeersReport>;
  if (report.rows === undefined || report.peers === undefined) throw new Error(`${path} holds no comparison of peers`);
  return report as PeersReport;
}
