/**
 * @file Measures one case with all peers: prepares and checks each, then times them in alternation, A B C A B C …, so that
 * other load on the machine affects all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../support/measure.js';
import type { PeerCase } from './cases.js';
import { expectedOf, lossVerdict, verdict, type Expected } from './expected.js';
import { OURS } from './peers.js';
import { Refused, type Remote } from './process/remote.js';
import type { GanReference } from './tasks.js';

/** How long to measure a case. */
export interface PeerEffort {
  /** Milliseconds that a sample takes at least, so that the synchronisation does not count. */
  readonly sampleMs: number;
  readonly rounds: number;
  /** Rounds of a peer that takes longer than a second a run, and of one that takes longer than four. */
  readonly slowRounds: readonly [number, number];
  /** No round is begun later than this after the first. */
  readonly budgetMs: number;
}

export const THOROUGH: PeerEffort = { sampleMs: 20, rounds: 7, slowRounds: [3, 2], budgetMs: 12_000 };
export const QUICK: PeerEffort = { sampleMs: 5, rounds: 3, slowRounds: [1, 1], budgetMs: 8_000 };

/** What a peer came to in a case. */
export type Result =
  | { readonly status: 'measured'; readonly medianMs: number; readonly minMs: number; readonly runs: number }
  /** The peer does not offer the case, or would take too long. */
  | { readonly status: 'not run'; readonly reason: string }
  | { readonly status: 'wrong result' | 'failed'; readonly reason: string };

interface Entrant {
  readonly remote: Remote;
  readonly times: number;
  readonly rounds: number;
  readonly samples: number[];
}

const SLOW_MS = 1000;
const VERY_SLOW_MS = 4000;
const MOST_TIMES = 64;
/** Compiling and running a case once, or one sample, takes no longer than this if it works at all: jax-js takes half a minute for a step. */
const LIMIT_MS = 300_000;
/** Thread pools spin for a while after their work, and would take a core from the next peer. */
const PAUSE_MS = 10;

export async function measureCase(
  { task }: PeerCase,
  remotes: readonly Remote[],
  effort: PeerEffort,
): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  const entrants: Entrant[] = [];
  const expected = task.kind === 'gan' ? [] : expectedOf(task);
  let reference: GanReference | undefined;
  for (const remote of remotes) {
    try {
      const prepared = await remote.ask({ kind: 'prepare', task, reference }, LIMIT_MS);
      if (prepared.kind !== 'prepared') throw new Error(`unexpected answer ${prepared.kind}`);
      if (remote.name === OURS) reference = prepared.reference;
      const wrong = judge(prepared.outputs, expected, reference);
      if (wrong !== undefined) {
        results.set(remote.name, { status: 'wrong result', reason: wrong });
        await remote.ask({ kind: 'finish' }, LIMIT_MS);
        continue;
      }
      const once = await sample(remote, 1);
      const again = once > SLOW_MS ? once : await sample(remote, 1);
      const times = Math.min(MOST_TIMES, Math.max(1, Math.ceil(effort.sampleMs / again)));
      if (times > 1) await sample(remote, times);
      entrants.push({ remote, times, rounds: roundsOf(again, effort), samples: [] });
    } catch (error) {
      results.set(remote.name, failure(error, remote));
    }
  }

  const start = performance.now();
  for (let round = 0; round < effort.rounds; round++) {
    if (round > 0 && performance.now() - start > effort.budgetMs) break;
    for (const { remote, times, rounds, samples } of entrants) {
      if (results.has(remote.name) || round >= rounds) continue;
      try {
        await sleep(PAUSE_MS);
        samples.push((await sample(remote, times)) / times);
      } catch (error) {
        results.set(remote.name, failure(error, remote));
      }
    }
  }
  for (const { remote, samples } of entrants) {
    if (results.has(remote.name)) continue;
    try {
      // Once more, as a run that failed unheard took no time.
      const finished = await remote.ask({ kind: 'finish' }, LIMIT_MS);
      const outputs = finished.kind === 'finished' ? finished.outputs : [];
      const wrong = judge(outputs, expected, reference);
      const times = { medianMs: median(samples), minMs: Math.min(...samples), runs: samples.length };
      results.set(
        remote.name,
        wrong === undefined ? { status: 'measured', ...times } : { status: 'wrong result', reason: wrong },
      );
    } catch (error) {
      results.set(remote.name, failure(error, remote));
    }
  }
  return results;
}

function roundsOf(milliseconds: number, { rounds, slowRounds }: PeerEffort): number {
  if (milliseconds <= SLOW_MS) return rounds;
  return slowRounds[milliseconds <= VERY_SLOW_MS ? 0 : 1];
}

function judge(
  outputs: readonly Float32Array[],
  expected: readonly Expected[],
  reference: GanReference | undefined,
): string | undefined {
  return reference === undefined ? verdict(outputs, expected) : lossVerdict(outputs[0], reference.losses);
}

async function sample(remote: Remote, times: number): Promise<number> {
  const answer = await remote.ask({ kind: 'time', times }, LIMIT_MS);
  if (answer.kind !== 'timed') throw new Error(`unexpected answer ${answer.kind}`);
  return answer.milliseconds;
}

/** What broke may have left its process in any state, so the next case meets a new one. */
function failure(error: unknown, remote: Remote): Result {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? '';
  if (error instanceof Refused && !error.broken) return { status: 'not run', reason };
  remote.stop();
  return { status: 'failed', reason };
}
