/**
 * @file Compares the engine with its peers at the same shapes, in alternation: time and correctness of the results.
 *
 *     npm run bench:peers                         everything, about ten minutes on two CPU cores
 *     npm run bench:peers -- conv2d step          the cases whose group and name contain one of the words
 *     npm run bench:peers -- --peers jax-js       only the engine and these, separated by commas
 *     npm run bench:peers -- --list               the names of cases and peers
 *     npm run bench:peers -- --quick              few and short runs
 *     npm run bench:peers -- --no-tune            fixed tiles for the engine
 *     npm run bench:peers -- --adapter NAME       this adapter instead of Dawn's first (ORT-node WebGPU chooses its own)
 *     npm run bench:peers -- --json PATH          results to PATH instead of bench/results/; --no-json to none
 *     npm run bench:peers -- --chart PATH         measures nothing: draws docs/images/peers from the results in PATH
 */
import { environmentLines, type Environment } from '../support/report.js';
import { CASES, NOTES, type PeerCase } from './cases.js';
import { drawChart } from './chart.js';
import type { PeerOptions } from './peer.js';
import { OURS, PEERS } from './peers.js';
import { Remote } from './process/remote.js';
import { peersPath, summaryOf, writeResults, readResults, type CaseResults, type PeerSummary } from './results.js';
import { measureCase, QUICK, THOROUGH } from './rounds.js';
import { caseLines, peerLine } from './table.js';
import { misuse, parseFlags } from '../support/flags.js';

const { values, positionals: words } = parseFlags(import.meta.url, {
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    chart: { type: 'string' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    'no-json': { type: 'boolean', default: false },
    'no-tune': { type: 'boolean', default: false },
    peers: { type: 'string' },
    quick: { type: 'boolean', default: false },
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
      peers.push({ ...summaryOf(name), device: answer.device });
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

async function compareAll(cases: readonly PeerCase[]): Promise<void> {
  const date = new Date();
  const options = { adapter: values.adapter, tune: !values['no-tune'] };
  const { remotes, peers, environment } = await startPeers(selectedPeers(), options);
  try {
    for (const line of [...environmentLines(environment), ...peers.map(peerLine)]) console.log(line);
    const rows: CaseResults[] = [];
    const about = { date: date.toISOString(), ...environment, quick: values.quick, tune: options.tune, peers };
    const path = values.json ?? peersPath(environment.adapter, date);
    for (const one of cases) {
      const results = await measureCase(one, remotes, values.quick ? QUICK : THOROUGH);
      for (const { name, failure } of peers) {
        if (failure !== undefined) results.set(name, { status: 'failed', reason: failure });
      }
      const row = { group: one.group, name: one.name, results: Object.fromEntries(results) };
      rows.push(row);
      caseLines(row, peers).forEach((line) => console.log(line));
      if (results.get(OURS)?.status !== 'measured') process.exitCode = 1;
      // After each case: what is measured stays if the run is broken off.
      if (!values['no-json']) writeResults(path, { ...about, rows });
    }
    console.log('');
    NOTES.forEach((note) => console.log(note));
    if (!values['no-json']) console.log(`Results: ${path}`);
  } finally {
    for (const remote of remotes) remote.stop();
  }
}

const cases = selectedCases();
if (values.list) {
  for (const { group, name } of CASES) console.log(`${group} ${name}`);
  console.log(`\npeers: ${Object.keys(PEERS).join(', ')}`);
} else if (values.chart !== undefined) {
  for (const path of await drawChart(readResults(values.chart))) console.log(`Chart: ${path}`);
} else if (cases.length === 0) {
  console.error(`No case's name holds ${words.join(' or ')}; \`npm run bench:peers -- --list\` prints the names.`);
  process.exitCode = 1;
} else {
  await compareAll(cases);
}
