/**
 * @file What becomes of a process that was started with a channel when the process that started it is killed: it stops,
 * whatever it is at.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRun } from '../../src/training/run/runFiles.js';
import { slow } from '../support/slow.js';
import { commandLine, poll, Running } from './run.js';
import { writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'orphans-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));

/** More iterations than anybody waits for: what is not stopped stays. */
const ENDLESS = ['--width', '0.125', '--batch', '4', '--iterations', '1000000', '--sample-every', '1000000'];

/** Living processes with a word in their environment. */
function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return !stat.includes(') Z ') && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(word);
      } catch {
        return false;
      }
    });
}

/** Begins a study, kills it once `isDue`, and waits until none of its processes is left. */
async function killStudy(
  name: string,
  jobs: number,
  isDue: (runs: string, processes: number) => boolean,
): Promise<string> {
  const out = join(root, name);
  const word = `ORPHAN_OF=${process.pid}-${name}.`;
  const sizes = ['--z', '4,3,2,1', '--seeds', '1', ...ENDLESS, '--data-dir', data, '--no-tune'];
  const running = new Running(['study', ...sizes, '--out', out, '--jobs', jobs.toString()], {
    env: { ORPHAN_OF: `${process.pid}-${name}.` },
  });
  await running.until(() => isDue(join(out, 'runs'), processesWith(word).length), 'the moment to kill');
  running.kill('SIGKILL');
  await running.ended;
  await poll(() => processesWith(word).length === 0, `the end of what ${name} began`);
  return out;
}

/** A test that looks into /proc. */
const onLinux = process.platform === 'linux' ? slow : (name: string): void => test.skip(name);

onLinux('a study killed as soon as its first child exists leaves no process', async () => {
  await killStudy('at-once', 4, (_, processes) => processes > 1);
});

onLinux('a study of four at a time, killed while they prepare, leaves no process', async () => {
  const out = await killStudy('preparing', 4, (runs) => existsSync(join(runs, 'z4-seed1', 'run.json')));
  const sessions = readdirSync(join(out, 'runs')).flatMap((run) => readRun(join(out, 'runs', run)).sessions);
  assert.ok(
    sessions.every(({ outcome }) => outcome !== 'finished' && outcome !== 'failed'),
    JSON.stringify(sessions),
  );
});

onLinux('a study killed while a child trains leaves a checkpoint, and no process', async () => {
  const metrics = (runs: string): string => join(runs, 'z4-seed1', 'metrics.jsonl');
  const begun = (runs: string): boolean => existsSync(metrics(runs)) && readFileSync(metrics(runs)).length > 0;
  const out = await killStudy('training', 1, begun);
  const run = join(out, 'runs', 'z4-seed1');
  assert.is(readRun(run).sessions.at(-1)?.outcome, 'stopped');
  assert.is(readdirSync(join(run, 'checkpoints')).length, 1);
});

for (const [what, args] of [
  ['train', ['train', ...ENDLESS, '--data-dir', data, '--out', join(root, 'unborn')]],
  ['a command that trains nothing', ['runs', root]],
] as const) {
  test(`${what} ends at once where its channel is closed before its first line`, async () => {
    const [node, ...words] = commandLine(args);
    const child = spawn(node, words, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    child.disconnect();
    let said = '';
    child.stdout?.on('data', (text) => (said += String(text)));
    child.stderr?.on('data', (text) => (said += String(text)));
    const signal = await new Promise((resolve) => child.once('exit', (_, how) => resolve(how)));
    assert.is(signal, 'SIGTERM', said);
    assert.is(said, '');
    assert.not(existsSync(join(root, 'unborn')));
  });
}

test.run();
