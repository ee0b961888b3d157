/**
 * @file Tests the GPU day on small parts of its own: the budget, resumption, failures, and the page.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBudget } from '../../experiments/gpuDay/budget.js';
import { runChild } from '../../experiments/gpuDay/child.js';
import { conductDay, type Part, planDay } from '../../experiments/gpuDay/conduct.js';
import { dayPage } from '../../experiments/gpuDay/page.js';
import { dayParts } from '../../experiments/gpuDay/parts.js';
import { DayState } from '../../experiments/gpuDay/state.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const ADAPTER = { name: 'a card', driver: 'a driver 1.0', software: false };

async function inFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-day-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A part that runs a program in JavaScript. */
function part(name: string, program: string, more: Partial<Part> = {}): Part {
  return { name, title: name, share: 1, leastSeconds: 0, command: () => ({ argv: ['node', '-e', program] }), ...more };
}

/** Adds a character to a file, so that the starts of a program can be counted. */
const mark = (path: string): string => `fs.appendFileSync(${JSON.stringify(path)}, 'x');`;
const SLEEP = 'setTimeout(() => {}, 60_000);';

async function day(folder: string, parts: readonly Part[], budgetSeconds: number) {
  const lines: string[] = [];
  const state = DayState.open(folder, ADAPTER);
  const isFine = await conductDay({
    ...{ parts, state, budgetSeconds, logs: join(folder, 'logs') },
    print: (line) => lines.push(line),
  });
  return { isFine, state, lines, outcomes: parts.map(({ name }) => state.of(name)?.outcome) };
}

test('budgets have a unit', () => {
  assert.equal(['90s', '25m', '1.5h'].map(parseBudget), [90, 1500, 5400]);
  for (const wrong of ['', '25', '0m', '-1m', 'm', '25 min']) {
    assert.throws(() => parseBudget(wrong), /it takes a time with its unit/);
  }
});

test('the plan hands out the whole budget by the shares', () => {
  const plan = planDay([part('a', '', { share: 1 }), part('b', '', { share: 3 })], 100);
  assert.equal(
    plan.map(({ seconds }) => seconds),
    [25, 75],
  );
});

test('a failed part and a missing need do not end the day; the second start runs what is unfinished', () =>
  inFolder(async (folder) => {
    const count = (name: string): number => {
      const path = join(folder, name);
      return existsSync(path) ? readFileSync(path, 'utf8').length : 0;
    };
    const fails = `console.error('the reason'); process.exitCode = 3;`;
    const parts = (second: string, obstacle: string | undefined): Part[] => [
      part('first', mark(join(folder, 'first'))),
      part('second', `${mark(join(folder, 'second'))} ${second}`),
      part('third', mark(join(folder, 'third')), { obstacle: () => obstacle }),
      part('fourth', mark(join(folder, 'fourth'))),
    ];
    const one = await day(folder, parts(fails, 'no such thing here'), 60);
    assert.equal(one.outcomes, ['finished', 'failed', 'skipped', 'finished']);
    assert.is(one.isFine, false);
    assert.is(one.state.of('second')?.reason, 'exit code 3');
    assert.equal(one.state.of('second')?.lastLines, ['the reason']);
    assert.ok(one.lines.includes('SKIPPED third: no such thing here'));

    const two = await day(folder, parts('', undefined), 60);
    assert.equal(two.outcomes, ['finished', 'finished', 'finished', 'finished']);
    assert.is(two.isFine, true);
    assert.is(two.state.of('second')?.starts, 2);
    assert.is(two.state.of('second')?.reason, undefined);
    assert.equal(['first', 'second', 'third', 'fourth'].map(count), [1, 2, 1, 1]);
  }));

test('the budget cuts a part, its summary runs all the same, and the others get their time', () =>
  inFolder(async (folder) => {
    const results = join(folder, 'results.txt');
    const parts = [
      part('long', SLEEP, {
        share: 5,
        // Too much for what is left of the budget afterwards.
        leastSeconds: 6,
        summary: () => ({ argv: ['node', '-e', `process.stdout.write('so far')`], stdout: results }),
      }),
      part('short', ''),
      part('large', '', { leastSeconds: 1000 }),
    ];
    const start = performance.now();
    const { outcomes, isFine, state } = await day(folder, parts, 9);
    assert.equal(outcomes, ['cut', 'finished', 'cut']);
    assert.is(isFine, true);
    assert.is(state.of('long')?.reason, 'its time was over');
    assert.match(state.of('large')?.reason ?? '', /^not started: /);
    assert.is(readFileSync(results, 'utf8'), 'so far');
    assert.ok(performance.now() - start < 10_000);
  }));

test('time that is left goes to the parts that were cut', () =>
  inFolder(async (folder) => {
    let starts = 0;
    const resumes = part('resumes', '', {
      command: () => ({ argv: ['node', '-e', starts++ === 0 ? SLEEP : ''] }),
    });
    const { outcomes, state } = await day(folder, [resumes, part('short', '', { share: 4 })], 10);
    assert.equal(outcomes, ['finished', 'finished']);
    assert.is(state.of('resumes')?.starts, 2);
  }));

test('a day that was killed in a part finds it cut', () =>
  inFolder(async (folder) => {
    let found: unknown;
    const probe = (): { argv: readonly ['node', ...string[]] } => {
      found = DayState.open(folder, ADAPTER).of('probe');
      return { argv: ['node', '-e', ''] };
    };
    await day(folder, [part('probe', '', { command: probe })], 60);
    assert.equal(found, { outcome: 'cut', reason: 'the process was killed', seconds: 0, starts: 1 });
  }));

test('the results of two adapters do not mix', () =>
  inFolder(async (folder) => {
    await day(folder, [part('a', '')], 60);
    assert.throws(() => DayState.open(folder, { ...ADAPTER, driver: 'a driver 2.0' }), /--out names another folder/);
  }));

test('a child that ignores the request to stop is killed with what it has started', () =>
  inFolder(async (folder) => {
    const deaf = `process.on('SIGTERM', () => {}); ${SLEEP}`;
    const program = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { stdio: 'inherit' }); ${deaf}`;
    const { outcome, reason, seconds } = await runChild({
      argv: ['node', '-e', program],
      log: join(folder, 'log'),
      ...{ seconds: 0.5, graceSeconds: 0.5 },
    });
    assert.is(outcome, 'cut');
    assert.is(reason, 'ended by SIGKILL');
    assert.ok(seconds < 10, `${seconds}`);
  }));

test('a program that does not exist is a failure', () =>
  inFolder(async (folder) => {
    const options = { log: join(folder, 'log'), seconds: 5, graceSeconds: 1 };
    const { outcome, reason } = await runChild({ argv: [join(folder, 'nothing')], ...options });
    assert.is(outcome, 'failed');
    assert.match(reason, /ENOENT/);
  }));

const PLACE = { out: 'out', work: 'work', mnist: 'mnist', software: false, cores: 16, python: 'python3' };

test('each part has a name of its own, and its scripts exist', () => {
  const parts = dayParts(PLACE);
  assert.is(new Set(parts.map(({ name }) => name)).size, parts.length);
  for (const { command, summary } of parts) {
    for (const { argv } of [command(), ...(summary === undefined ? [] : [summary()])]) {
      const path = argv.find((word) => /\.(ts|py)$/.test(word)) ?? 'src/cli/index.ts';
      assert.ok(existsSync(join(ROOT, path)), path);
    }
  }
});

test('without MNIST no part that trains on it runs', () => {
  const blocked = dayParts({ ...PLACE, mnist: undefined })
    .filter(({ name }) => !name.startsWith('pytorch'))
    .filter(({ obstacle }) => obstacle?.() !== undefined)
    .map(({ name }) => name);
  assert.equal(blocked, ['recipe', 'study', 'stacked-mnist', 'stacked-mnist-pack2']);
});

test('the page has what was measured, the ratios to PyTorch, and what was cut', () =>
  inFolder((folder) => {
    const write = (name: string, content: object): void => writeFileSync(join(folder, name), JSON.stringify(content));
    const row = { group: 'step', name: 'article', unit: 'GFLOP/s', tile: '', minMs: 5, rate: 100, ofLimit: 0.5 };
    write('bench.json', { date: '2026-01-01', rows: [{ ...row, medianMs: 6 }] });
    const theirs = { group: 'step', name: 'article' };
    write('pytorch-steps.json', {
      ...{ adapter: 'a card', torch: '9.9', cuda: '99', limit: { bestGigaflopsPerSecond: 1000 } },
      rows: [
        { ...theirs, mode: 'eager', layout: 'nchw', medianMs: 4 },
        { ...theirs, mode: 'eager', layout: 'channels_last', medianMs: 3 },
        { ...theirs, mode: 'graphs', layout: 'nchw', medianMs: 12 },
      ],
    });
    write('tests.json', {
      date: '2026-01-01',
      files: [{ path: 'a.test.ts', seconds: 1, passed: 3, failed: 1, skipped: 0, notices: [], output: 'off by one' }],
    });
    const size = { operand: 'patches', rows: 1, columns: 1, inner: 1 };
    const product = { ...size, multiplyAdds: 1, likely: ['small'], fixed: 'small' };
    write('tuning.json', {
      ...{ date: '2026-01-01', adapter: 'key' },
      products: [{ ...product, name: 'matmul 1×1', times: { large: 1, small: 2 } }],
    });
    const parts = [part('done', ''), part('cut', '')];
    const state = DayState.open(folder, ADAPTER);
    state.set('done', { outcome: 'finished', seconds: 61, starts: 2 });
    state.set('cut', { outcome: 'cut', seconds: 5, starts: 1, reason: 'its time was over' });
    const page = dayPage(folder, state.value, parts);
    assert.match(page, /^# A GPU day on a card$/m);
    assert.match(page, /^\| done \| done \| finished \| 61 s in 2 starts \| {2}\|$/m);
    assert.match(page, /^\| cut \| cut \| \*\*cut\*\* \| 5 s \| its time was over \|$/m);
    assert.match(page, /^\| article .*\| 6\.000 \| 5\.000 \|.*\| 50 % \| 3\.000 \| 12\.000 \| 2\.00 \| 0\.50 \|$/m);
    assert.match(page, /3 passed, 1 failed, 0 skipped/);
    assert.match(page, /off by one/);
    assert.match(page, /^\| matmul 1×1 \| large \| 1\.000 \| 2\.00 \|$/m);
  }));

test('a damaged file of results is named', () =>
  inFolder(async (folder) => {
    const { state } = await day(folder, [], 1);
    writeFileSync(join(folder, 'bench.json'), '{');
    assert.throws(() => dayPage(folder, state.value, []), /bench\.json is not JSON/);
  }));

test.run();
