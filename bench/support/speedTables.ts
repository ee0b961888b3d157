/**
 * @file Writes the speed tables of README.md and docs/performance.md from results files. Ratios and shares are computed from the
 * numbers as they are shown, so that a reader can derive them from the same row.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { withTable } from '../../scripts/lib/docsTable.js';
import { OURS } from '../peers/peers.js';
import type { PeersReport, PeerSummary } from '../peers/results.js';
import type { NamedRow } from './report.js';

/** As much of the results of `npm run bench` as the table needs. */
export interface KernelsReport {
  readonly rows: readonly NamedRow[];
}

/** The pages with their tables, by path from the repository's root. */
export interface SpeedPages {
  readonly readme: string;
  readonly performance: string;
}

/** Columns of the operations' table. The other peers only train. */
const OPERATION_PEERS = [
  OURS,
  'tfjs-webgpu',
  'jax-js',
  'ort-webgpu',
  'tfjs-wasm',
  'ort-cpu',
  'pytorch',
  'pytorch-openblas',
];

/** Rows of `npm run bench` in the table of shares. */
const SHOWN: Readonly<Record<string, string>> = {
  'matmul 1024³ A × B': 'matmul 1024³',
  'conv conv2d 5×5/2 14×14×64 → 7×7×128': 'conv2d 5×5/2, 14×14×64 → 7×7×128',
  'conv convTranspose2d 5×5/2 7×7×128 → 14×14×64': 'its transpose (the gradient by the input)',
  'conv by weights 5×5/2 14×14×64 → 7×7×128': 'its gradient by the weights',
  'step dcgan, batch 32, z 100': 'DCGAN step (`dcgan`, z 100, width 1)',
  'step article, batch 32, z 100': 'the article’s step (`article`)',
};

/** The text of a page as `npm run format` leaves it. */
export async function formatPage(text: string): Promise<string> {
  const config = await resolveConfig(fileURLToPath(new URL('../../README.md', import.meta.url)));
  return format(text, { ...config, parser: 'markdown' });
}

/** Both pages with the tables of a comparison of peers. @param path of its results, whose name the pages link to */
export function withPeerTables({ readme, performance }: SpeedPages, path: string, report: PeersReport): SpeedPages {
  const steps = stepTable(report);
  const name = basename(path);
  const page = [deviceLine(report, `../bench/results/${name}`), operationTable(report), 'Training steps:', steps];
  return {
    readme: withTable(readme, 'peers', [deviceLine(report, `bench/results/${name}`), steps].join('\n\n')),
    performance: withTable(performance, 'peers', page.join('\n\n')),
  };
}

/** The page with the table of the engine's own kernels. @param path of the results of `npm run bench` */
export function withKernelTable(performance: string, path: string, { rows }: KernelsReport): string {
  const lines = Object.entries(SHOWN).flatMap(([name, title]) => {
    const row = rows.find((one) => `${one.group} ${one.name}` === name);
    return row === undefined ? [] : [kernelCells(title, row)];
  });
  const head = ['', 'GFLOP', 'median ms', 'best run, ms', 'limit, GFLOP/s', 'share of the limit'];
  const source = `From [this run](../bench/results/${basename(path)}):`;
  return withTable(performance, 'kernels', `${source}\n\n${markdown(head, lines)}`);
}

function kernelCells(title: string, { rate, medianMs, minMs, limit }: NamedRow): string[] {
  const operations = Number(((rate * medianMs) / 1e3).toPrecision(3));
  const median = Number(medianMs.toPrecision(3));
  const most = Number(limit.toFixed(1));
  const share = (1e3 * operations) / median / most;
  return [title, operations, median, minMs.toPrecision(3), most.toFixed(1), `${(100 * share).toFixed(0)} %`].map(
    String,
  );
}

function deviceLine({ adapter, cpuCount, cpu, date }: PeersReport, link: string): string {
  return `Median milliseconds of [the run of ${date.slice(0, 10)}](${link}): ${adapter}, ${cpuCount} CPUs (${cpu}), batch 32, float32.`;
}

function operationTable({ rows, peers }: PeersReport): string {
  const columns = OPERATION_PEERS.flatMap((name) => peers.find((peer) => peer.name === name) ?? []);
  const lines = rows
    .filter(({ group }) => group !== 'step')
    .map(({ group, name, results }) => {
      const title = group === 'conv' ? name : `${group} ${name}`;
      const cells = columns.map((peer) => {
        const result = results[peer.name];
        if (result?.status === 'measured') return milliseconds(result.medianMs);
        return result?.status === 'wrong result' ? 'wrong' : '–';
      });
      return [title, ...cells];
    });
  return markdown(['', ...columns.map(titleOf)], lines);
}

/** A row for each peer that trains: the step's time, and in parentheses its multiple of the engine's. */
function stepTable({ rows, peers }: PeersReport): string {
  const steps = rows.filter(({ group }) => group === 'step');
  const lines = peers.flatMap((peer) => {
    const cells = steps.map(({ results }) => {
      const [own, result] = [results[OURS], results[peer.name]];
      if (result?.status === 'wrong result') return 'wrong';
      if (result?.status !== 'measured') return '–';
      if (own?.status !== 'measured' || peer.name === OURS) return milliseconds(result.medianMs);
      const ratio = shownValue(result.medianMs) / shownValue(own.medianMs);
      return `${milliseconds(result.medianMs)} (${ratio.toFixed(ratio < 10 ? 2 : 0)} ×)`;
    });
    return cells.every((cell) => cell === '–') ? [] : [[titleOf(peer), peer.device ?? '', ...cells]];
  });
  return markdown(['', 'computes on', ...steps.map(({ name }) => name)], lines);
}

/** With the version of the first package, or of Chromium where it runs there. */
function titleOf({ name, title, versions }: PeerSummary): string {
  if (name === OURS) return 'this engine';
  const version = versions.chromium ?? Object.values(versions)[0] ?? '';
  return `${name === 'ours-chromium' ? 'this engine, Chromium' : title} ${version}`.trim();
}

/** A time as the tables show it, as a number. */
function shownValue(time: number): number {
  return Number(time.toFixed(digitsOf(time)));
}

function milliseconds(time: number): string {
  const text = time.toFixed(digitsOf(time));
  return time < 1000 ? text : text.replace(/\B(?=(\d{3})+$)/g, ',');
}

function digitsOf(time: number): number {
  if (time < 1) return 2;
  return time < 10 ? 1 : 0;
}

function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}
