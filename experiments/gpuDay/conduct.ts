/**
 * @file Runs the parts of a GPU day in their order, each within its share of the time that is left. Time that is left at the end
 * goes to the parts that were cut, in the same order.
 */
import { join } from 'node:path';
import { type Argv, type ChildEnding, runChild } from './child.js';
import type { DayState, PartRecord } from './state.js';

/** A command of a part. */
export interface Command {
  readonly argv: Argv;
  /** Where what it prints on stdout goes; to the part's log if absent. */
  readonly stdout?: string;
}

/** A part of the day. */
export interface Part {
  readonly name: string;
  readonly title: string;
  /** Of the budget, in relation to the shares of the other parts. What a part leaves goes to those behind it. */
  readonly share: number;
  /** It is not started with less time. */
  readonly leastSeconds: number;
  /** Why it cannot run on this machine; undefined if it can. */
  readonly obstacle?: () => string | undefined;
  /** Made anew at each start: a training that exists is resumed. */
  readonly command: () => Command;
  /** Makes results of what the command has left, whether it finished or was cut. */
  readonly summary?: () => Command;
  /** Copies results from the working folder. */
  readonly collect?: () => void;
}

/** A part with the time that it may take. */
export interface Planned {
  readonly part: Part;
  readonly seconds: number;
}

/** Share of a part's time that its summary gets, and the most of it in seconds. */
const SUMMARY = { share: 0.3, most: 60 };

/** A part is asked to stop this long before its time is over, to write a checkpoint: a share of its time, or seconds. */
const FAREWELL = { share: 0.2, most: 15 };

/** Seconds beyond its time after which a part is killed. */
const PATIENCE = 10;

/** Nothing is done in less. */
const LEAST_SECONDS = 1;

const PROGRESS_MS = 30_000;

/** The time that each part gets if those before it use theirs up. */
export function planDay(parts: readonly Part[], seconds: number): Planned[] {
  let [left, shares] = [seconds, parts.reduce((sum, { share }) => sum + share, 0)];
  return parts.map((part) => {
    const own = (left * part.share) / shares;
    left -= own;
    shares -= part.share;
    return { part, seconds: own };
  });
}

export interface ConductOptions {
  readonly parts: readonly Part[];
  readonly state: DayState;
  readonly budgetSeconds: number;
  /** The folder of the logs. */
  readonly logs: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ends the day early; the running part is stopped as by the budget. */
  readonly signal?: AbortSignal;
  readonly print: (line: string) => void;
  /** Called after each part. */
  readonly done?: () => Promise<void> | void;
}

/** Runs all unfinished parts. @returns whether no part failed in this start */
export async function conductDay(options: ConductOptions): Promise<boolean> {
  const { parts, state, budgetSeconds, signal } = options;
  const start = performance.now();
  const left = (): number => Math.max(0, budgetSeconds - (performance.now() - start) / 1000);
  const open = parts.filter((part) => state.of(part.name)?.outcome !== 'finished' && !isSkipped(part, options));
  for (const [index, part] of open.entries()) {
    if (signal?.aborted === true) break;
    // Parts that took less have left their time to those that are still to come.
    const seconds = planDay(open.slice(index), left())[0]?.seconds ?? 0;
    await runWithin(part, `[${index + 1}/${open.length}] ${part.name}`, { seconds, left }, options);
  }
  for (const part of open.filter(({ name }) => state.of(name)?.outcome === 'cut')) {
    if (signal?.aborted === true || left() < part.leastSeconds) continue;
    await runWithin(part, `[again] ${part.name}`, { seconds: left(), left }, options);
  }
  return open.every(({ name }) => state.of(name)?.outcome !== 'failed');
}

/** Runs a part within its time, and records what becomes of it. */
async function runWithin(
  part: Part,
  label: string,
  { seconds, left }: { readonly seconds: number; readonly left: () => number },
  options: ConductOptions,
): Promise<void> {
  const { state, print, done } = options;
  if (seconds < Math.max(LEAST_SECONDS, part.leastSeconds)) {
    const reason = `not started: ${seconds.toFixed(0)} s for it, and it takes at least ${part.leastSeconds} s`;
    print(`${label}: ${reason}`);
    if (state.of(part.name)?.outcome !== 'cut') record(state, part, { outcome: 'cut', reason });
    return;
  }
  print(`${label}: ${part.title}; up to ${seconds.toFixed(0)} s of ${left().toFixed(0)} s left`);
  // What another start finds if this one is killed.
  record(state, part, { outcome: 'cut', reason: 'the process was killed' }, { starts: 1 });
  const { result, seconds: took } = await runPart(part, seconds, options, (line) => {
    print(`    ${left().toFixed(0)} s left  ${line.slice(0, 110)}`);
  });
  record(state, part, result, { seconds: took });
  const { outcome, reason, lastLines = [] } = result;
  print(`${label}: ${outcome} after ${took.toFixed(0)} s${reason === undefined ? '' : ` (${reason})`}`);
  for (const line of lastLines) print(`    | ${line}`);
  try {
    await done?.();
  } catch (error) {
    // Results that cannot be read must not cost the parts that are still to come.
    print(`the page was not written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What became of a part, without its times. */
type PartResult = Omit<PartRecord, 'seconds' | 'starts'>;

/** Records a result, and adds to the part's times. */
function record(
  state: DayState,
  { name }: Part,
  result: PartResult,
  more: { seconds?: number; starts?: number } = {},
): void {
  const { seconds = 0, starts = 0 } = state.of(name) ?? {};
  state.set(name, { ...result, seconds: seconds + (more.seconds ?? 0), starts: starts + (more.starts ?? 0) });
}

/** Whether this machine lacks what a part needs; the lack is recorded. */
function isSkipped(part: Part, { state, print }: ConductOptions): boolean {
  const reason = part.obstacle?.();
  if (reason === undefined) return false;
  record(state, part, { outcome: 'skipped', reason });
  print(`SKIPPED ${part.name}: ${reason}`);
  return true;
}

/** Runs a part's command and its summary. */
async function runPart(
  part: Part,
  seconds: number,
  { logs, env, cwd, signal }: ConductOptions,
  progress: (line: string) => void,
): Promise<{ readonly result: PartResult; readonly seconds: number }> {
  let newest = '';
  const timer = setInterval(() => progress(newest), PROGRESS_MS);
  const run = (
    { argv, stdout }: Command,
    allotted: number,
    stoppable: AbortSignal | undefined,
  ): Promise<ChildEnding> => {
    const farewell = Math.min(FAREWELL.most, FAREWELL.share * allotted);
    const log = join(logs, `${part.name}.log`);
    const times = { seconds: allotted - farewell, graceSeconds: farewell + PATIENCE };
    return runChild({ argv, stdout, log, ...times, signal: stoppable, env, cwd, onLine: (line) => (newest = line) });
  };
  try {
    const reserve = part.summary === undefined ? 0 : Math.min(SUMMARY.most, SUMMARY.share * seconds);
    const main = await run(part.command(), seconds - reserve, signal);
    // After Ctrl-C as well, within its reserve: without it a cut training would leave no result.
    const rest = signal?.aborted === true ? reserve : Math.max(reserve, seconds - main.seconds);
    const summary =
      part.summary === undefined || main.outcome === 'failed' ? undefined : await run(part.summary(), rest, undefined);
    const took = main.seconds + (summary?.seconds ?? 0);
    const problem = collected(part);
    if (main.outcome === 'failed') return { result: failure(main), seconds: took };
    if (main.outcome === 'cut') {
      const lack = summary === undefined || summary.outcome === 'finished' ? '' : '; there is no summary yet';
      return { result: { outcome: 'cut', reason: `its time was over${lack}` }, seconds: took };
    }
    if (summary?.outcome === 'failed') return { result: failure(summary), seconds: took };
    if (summary?.outcome === 'cut') {
      return { result: { outcome: 'cut', reason: 'the time of its summary was over' }, seconds: took };
    }
    if (problem !== undefined) return { result: { outcome: 'failed', reason: problem }, seconds: took };
    return { result: { outcome: 'finished' }, seconds: took };
  } finally {
    clearInterval(timer);
  }
}

function failure({ reason, lastLines }: ChildEnding): PartResult {
  return { outcome: 'failed', reason, lastLines: [...lastLines] };
}

/** @returns what is wrong with the results */
function collected(part: Part): string | undefined {
  try {
    part.collect?.();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
