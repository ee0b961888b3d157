/**
 * @file Measures everything that a GPU is needed for, within a budget of time, most valuable first; a second start resumes.
 *
 *     npm run gpu-day                              with a budget of 25 minutes
 *     npm run gpu-day -- --budget 2h               with another: 90s, 25m, 2h
 *     npm run gpu-day -- --dry-run                 prints the plan: each part's command and time
 *     npm run gpu-day -- --parts limits,tests      only these parts
 *     npm run gpu-day -- --out DIR                 results to DIR instead of bench/results/gpu-day-ADAPTER
 *     npm run gpu-day -- --work DIR                runs, logs and caches to DIR instead of runs/gpu-day-ADAPTER
 *     npm run gpu-day -- --software                also on an adapter that computes on the CPU: to try it
 *
 * docs/gpu-day.md describes the parts and the results. Exit codes: 0 done or cut by the budget, 1 a part failed, 2 wrong
 * usage, 130 stopped by Ctrl-C.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { misuse, parseFlags } from '../../bench/support/flags.js';
import { slug, writeJson } from '../../bench/support/report.js';
import { writeAtomically } from '../../src/files/atomic.js';
import { parseBudget } from './budget.js';
import { conductDay, type Part, planDay } from './conduct.js';
import { dayPage } from './page.js';
import { dayParts, type Place } from './parts.js';
import { Doctor, FILES } from './results.js';
import { DayState } from './state.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Stands for the adapter's name in the plan of a machine without one. */
const NO_ADAPTER = { name: 'ADAPTER', driver: '', software: false };

const { values } = parseFlags(import.meta.url, {
  options: {
    budget: { type: 'string', default: '25m' },
    'dry-run': { type: 'boolean', default: false },
    out: { type: 'string' },
    parts: { type: 'string' },
    software: { type: 'boolean', default: false },
    work: { type: 'string' },
  },
});

const start = performance.now();
const budgetSeconds = usage(() => parseBudget(values.budget));
const isPlan = values['dry-run'];
const doctor = askDoctor();
const adapter = doctor.adapter ?? NO_ADAPTER;
if (!isPlan && doctor.adapter === null) misuse('this machine has no WebGPU adapter: `npm run doctor` says why');
if (!isPlan && adapter.software && !values.software) {
  misuse(`${adapter.name} computes on the CPU: nothing to measure here; --software runs it there as a trial`);
}
const place: Place = {
  out: shown(values.out ?? join('bench', 'results', `gpu-day-${slug(adapter.name)}`)),
  work: shown(values.work ?? join('runs', `gpu-day-${slug(adapter.name)}`)),
  mnist: doctor.mnist ?? undefined,
  software: adapter.software,
  cores: availableParallelism(),
  python: process.env.PYTHON ?? 'python3',
};
const all = dayParts(place);
const parts = chosenParts(all);
const state = usage(() => DayState.open(resolve(ROOT, place.out), adapter, { isRead: isPlan }));

if (isPlan) printPlan();
else process.exitCode = await run();

/** A path relative to the repository, where the commands run, unless it lies outside: results name no folder of this machine. */
function shown(path: string): string {
  const within = relative(ROOT, resolve(ROOT, path));
  return within.startsWith('..') ? resolve(path) : within;
}

function usage<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error));
  }
}

/** What this machine has, by the command that tells users. */
function askDoctor() {
  const { stdout, stderr } = spawnSync(process.execPath, ['dist/cli', 'doctor', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  try {
    return Doctor.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new Error(`node dist/cli doctor failed: ${stderr.trim()}`, { cause });
  }
}

function chosenParts(from: readonly Part[]): Part[] {
  const wanted = values.parts?.split(',').map((name) => name.trim());
  const unknown = wanted?.find((name) => !from.some((part) => part.name === name));
  if (unknown !== undefined)
    misuse(`there is no part ${unknown}; there are ${from.map(({ name }) => name).join(', ')}`);
  return from.filter(({ name }) => wanted?.includes(name) ?? true);
}

function printPlan(): void {
  console.log(`Adapter: ${adapter.name}${adapter.software ? ' (software: the day needs --software here)' : ''}`);
  console.log(`Results: ${place.out}; runs and logs: ${place.work}`);
  console.log(`Budget:  ${budgetSeconds} s; what a part leaves of its time goes to the parts behind it\n`);
  const open = parts.filter(({ name }) => state.of(name)?.outcome !== 'finished');
  const runnable = open.map((part) => ({ part, obstacle: part.obstacle?.() }));
  const planned = planDay(
    runnable.flatMap(({ part, obstacle }) => (obstacle === undefined ? [part] : [])),
    budgetSeconds,
  );
  for (const part of parts) {
    const { name, title, leastSeconds } = part;
    const seconds = planned.find((each) => each.part === part)?.seconds;
    const obstacle = runnable.find((each) => each.part === part)?.obstacle;
    const why = obstacle === undefined ? 'finished before' : `SKIPPED: ${obstacle}`;
    const tooShort =
      seconds !== undefined && seconds < leastSeconds ? `, less than the ${leastSeconds} s that it takes` : '';
    const time = seconds === undefined ? why : `${seconds.toFixed(0)} s, ${percent(seconds)} of the budget${tooShort}`;
    console.log(`${name}: ${title} (${time})`);
    for (const command of [part.command(), part.summary?.()]) {
      if (command === undefined) continue;
      console.log(`    ${command.argv.join(' ')}${command.stdout === undefined ? '' : ` > ${command.stdout}`}`);
    }
  }
}

function percent(seconds: number): string {
  return `${((100 * seconds) / budgetSeconds).toFixed(0)} %`;
}

/** @returns the exit code */
async function run(): Promise<number> {
  writeJson(resolve(ROOT, place.out, FILES.doctor), { ...doctor, mnist: undefined });
  const stop = new AbortController();
  let code: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // The children end with this process.
      if (code !== undefined) process.exit(code);
      code = 128 + constants.signals[signal];
      console.log('stopping the part at work (a second request ends at once)');
      stop.abort();
    });
  }
  process.on('disconnect', () => stop.abort());
  process.channel?.unref();

  const warning = adapter.software ? '  SOFTWARE DEVICE: the times say nothing about a GPU' : '';
  console.log(`Adapter: ${adapter.name} (${adapter.driver})${warning}`);
  console.log(`Results: ${place.out}; runs and logs: ${place.work}`);
  state.begin(new Date().toISOString(), budgetSeconds);
  const isFine = await conductDay({
    ...{
      parts,
      state,
      budgetSeconds: budgetSeconds - (performance.now() - start) / 1000,
      signal: stop.signal,
      cwd: ROOT,
    },
    logs: resolve(ROOT, place.work, 'logs'),
    // Choices of tiles are this day's own: they may come from a driver that is being tried.
    env: {
      XDG_CACHE_HOME: resolve(ROOT, place.work, 'cache'),
      ...(place.mnist === undefined ? {} : { MNIST_DIR: place.mnist }),
    },
    print: (line) => console.log(line),
    done: writePage,
  });
  state.end((performance.now() - start) / 1000);
  await writePage();
  console.log(`Page:    ${join(place.out, 'README.md')}`);
  return code ?? (isFine ? 0 : 1);
}

async function writePage(): Promise<void> {
  const path = resolve(ROOT, place.out, 'README.md');
  const text = dayPage(resolve(ROOT, place.out), state.value, all);
  writeAtomically(path, await format(text, { ...(await resolveConfig(path)), parser: 'markdown' }));
}
