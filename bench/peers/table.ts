/**
 * @file Prints the comparison: a block for each case, as soon as it is measured.
 */
import { OURS } from './peers.js';
import type { CaseResults, PeerSummary } from './results.js';
import type { Result } from './rounds.js';

const NAME_WIDTH = 24;
const WIDTHS = [11, 11, 11, 6];

export function peerLine({ title, versions, device, failure }: PeerSummary): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const parts = [...packages, failure === undefined ? `on ${device ?? 'unknown'}` : `did not start: ${failure}`];
  return `  ${title.padEnd(NAME_WIDTH)}${parts.join(', ')}`;
}

/** Lines for a case: its name, then a line for each peer. */
export function caseLines({ group, name, results }: CaseResults, peers: readonly PeerSummary[]): string[] {
  const ours = results[OURS];
  const base = ours?.status === 'measured' ? ours.medianMs : NaN;
  const heads = ['median ms', 'min ms', '× ours', 'runs'].map((head, index) => head.padStart(WIDTHS[index] ?? 0));
  const lines = peers.map((peer) => {
    const result = results[peer.name];
    return `  ${peer.title.padEnd(NAME_WIDTH)}${result === undefined ? '' : cells(result, base)}`;
  });
  return ['', `${group} ${name}`, `${' '.repeat(NAME_WIDTH + 2)}${heads.join('')}`, ...lines];
}

function cells(result: Result, base: number): string {
  if (result.status === 'not run') return `    ${result.reason}`;
  if (result.status !== 'measured') return `    ${result.status}: ${result.reason}`;
  const { medianMs, minMs, runs } = result;
  const texts = [shown(medianMs), shown(minMs), (medianMs / base).toFixed(2), runs.toFixed(0)];
  return texts.map((text, index) => text.padStart(WIDTHS[index] ?? 0)).join('');
}

function shown(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 3 : milliseconds < 100 ? 1 : 0);
}
