/**
 * @file Compares the engine with its peers at the same shapes, in alternation: time and correctness of the results.
 *
 *     npm run bench:peers                         everything, about twelve minutes on two CPU cores
 *     npm run bench:peers -- conv2d step          the cases whose group and name contain one of the words
 *     npm run bench:peers -- --peers jax-js       only the engine and these, separated by commas
 *     npm run bench:peers -- --list               the names of cases and peers
 *     npm run bench:peers -- --quick              few and short runs
 *     npm run bench:peers -- --no-tune            fixed tiles for the engine
 *     npm run bench:peers -- --adapter NAME       this adapter instead of Dawn's first (ORT-node WebGPU chooses its own)
 *     npm run bench:peers -- --json PATH          results to PATH instead of bench/results/; --no-json to none
 *     npm run bench:peers -- --json PATH --resume   keeps the rows of PATH and measures the cases that it lacks
 *     npm run bench:peers -- --python PATH        the Python of the column PyTorch CPU; else bench/peers/.venv, else python3
 *     npm run bench:peers -- --chromium PATH      instead of `chromium`
 * `npm run bench:publish -- PATH` draws the chart and writes the tables of the docs from results.
 */
import { existsSync } from 'node:fs';
import { environmentLines, type Environment } from '../support/report.js';
import { CASES, NOTES, type PeerCase } from './cases.js';
import type { PeerOptions } from './peer.js';
import { OURS, PEERS } from './peers.js';
import { Remote } from './process/remote.js';
import {
  peersPath,
  readResults,
  summaryOf,
  writeResults,
  type CaseResults,
  type PeersReport,
  type PeerSummary,
} from './results.js';
import { measureCase, QUICK, THOROUGH } from './rounds.js';
import { caseLines, peerLine } from './table.js';
import { misuse, parseFlags } from '../support/flags.js';

const { values, positionals: words } = parseFlags(import.meta.url, {
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    chromium: { type: 'string' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    'no-json': { type: 'boolean', default: false },
    'no-tune': { type: 'boolean', default: false },
    peers: { type: 'string' },
    python: { type: 'string' },
    quick: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
  },
});

const START_LIMIT_MS = 120_000;

function selectedCases(): PeerCase[] {
  return CASES.filter(({ group, name }) => {
    const full = `${group} ${name}`.toLowerCase();
    return words.length === 0 || words.some((word) => full.includes(word.toLowerCase()));
  });
}

/** The engine first, as the others are compared with it. A name that no peer has ends the process. */
function selectedPeers(): string[] {
  const all = Object.keys(PEERS);
  const wanted = values.peers?.split(',').map((name) => name.trim()) ?? all;
  const unknown = wanted.find((name) => !all.includes(name));
  if (unknown !== undefined) misuse(`there is no peer ${unknown}; there are ${all.join(', ')}`);
  return all.filter((name) => name === OURS || wanted.includes(name));
}

interface Started {
  readonly remotes: readonly Remote[];
  readonly peers: readonly PeerSummary[];
  readonly environment: Environment;
}

/** Starts each peer's process. @throws Error where the engine's own does not start. */
async function startPeers(names: readonly string[], options: PeerOptions): Promise<Started> {
  const remotes: Remote[] = [];
  const peers: PeerSummary[] = [];
  let environment: Environment | undefined;
  for (const name of names) {
    const remote = new Remote(name, options);
    try {
      const answer = await remote.ask({ kind: 'open' }, START_LIMIT_MS);
      if (answer.kind !== 'opened') throw new Error(`unexpected answer ${answer.kind}`);
      environment ??= answer.environment;
      const summary = summaryOf(name);
      peers.push({ ...summary, versions: { ...summary.versions, ...answer.versions }, device: answer.device });
      remotes.push(remote);
    } catch (error) {
      remote.stop();
      if (name === OURS) throw error;
      peers.push({ ...summaryOf(name), failure: error instanceof Error ? error.message : String(error) });
    }
  }
  if (environment === undefined) throw new Error('the engine did not tell what it runs on');
  return { remotes, peers, environment };
}

/** The peers of the earlier results and of this run, in the order of the list. */
function allPeers(earlier: readonly PeerSummary[], now: readonly PeerSummary[]): PeerSummary[] {
  return Object.keys(PEERS).flatMap((name) => [...now, ...earlier].find((peer) => peer.name === name) ?? []);
}

/** Reads the results to complete. Those of another device or effort end the process: rows of both would not compare. */
function earlierReport(path: string, now: Omit<PeersReport, 'date' | 'rows' | 'peers'>): PeersReport {
  const earlier = readResults(path);
  for (const key of ['adapter', 'driver', 'cpu', 'cpuCount', 'quick', 'tune'] as const) {
    if (earlier[key] === now[key]) continue;
    misuse(`--resume: ${path} was measured with ${key} ${String(earlier[key])}, and this is ${String(now[key])}`);
  }
  return earlier;
}

async function compareAll(cases: readonly PeerCase[]): Promise<void> {
  const { adapter, python, chromium, quick, json } = values;
  const options = { adapter, tune: !values['no-tune'], python, chromium };
  const { remotes, peers, environment } = await startPeers(selectedPeers(), options);
  try {
    for (const line of [...environmentLines(environment), ...peers.map(peerLine)]) console.log(line);
    const about = { ...environment, quick, tune: options.tune };
    const earlier = values.resume && json !== undefined && existsSync(json) ? earlierReport(json, about) : undefined;
    const date = earlier === undefined ? new Date() : new Date(earlier.date);
    const rows: CaseResults[] = [...(earlier?.rows ?? [])];
    const columns = allPeers(earlier?.peers ?? [], peers);
    const path = json ?? peersPath(environment.adapter, date);
    for (const one of cases) {
      if (rows.some(({ group, name }) => group === one.group && name === one.name)) continue;
      const results = await measureCase(one, remotes, quick ? QUICK : THOROUGH);
      for (const { name, failure } of peers) {
        if (failure !== undefined) results.set(name, { status: 'failed', reason: failure });
      }
      const row = { group: one.group, name: one.name, results: Object.fromEntries(results) };
      rows.push(row);
      caseLines(row, peers).forEach((line) => console.log(line));
      if (results.get(OURS)?.status !== 'measured') process.exitCode = 1;
      // After each case: what is measured stays if the run is broken off.
      if (!values['no-json']) writeResults(path, { date: date.toISOString(), ...about, peers: columns, rows });
    }
    console.log('');
    NOTES.forEach((note) => console.log(note));
    if (!values['no-json']) console.log(`Results: ${path}`);
  } finally {
    for (const remote of remotes) remote.stop();
  }
}

if (values.resume && values.json === undefined) misuse('--resume needs --json PATH, the results to complete');
const cases = selectedCases();
if (values.list) {
  for (const { group, name } of CASES) console.log(`${group} ${name}`);
  console.log(`\npeers: ${Object.keys(PEERS).join(', ')}`);
} else if (cases.length === 0) {
  console.error(`No case's name holds ${words.join(' or ')}; \`npm run bench:peers -- --list\` prints the names.`);
  process.exitCode = 1;
} else {
  await compareAll(cases);
}
