/**
 * @file Tests the runner with files that pass, fail, crash, hang or print nothing: a broken file never counts as passed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TestReport } from './report.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const RUNNER = join(HERE, '..', 'run.ts');
const SLOW = join(HERE, 'slow.ts');
const UVU = `import { test } from 'uvu';\n`;

interface Run {
  status: number | null;
  lines: string[];
  last: string | undefined;
}

/** Runs the runner over a folder of its own that holds these files. */
const run = (files: Record<string, string>, args: string[] = [], env: Record<string, string> = {}): Run => {
  const root = mkdtempSync(join(tmpdir(), 'run-test-'));
  try {
    symlinkSync(join(HERE, '..', '..', 'node_modules'), join(root, 'node_modules'), 'junction');
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', RUNNER, '--root', root, ...args], {
      encoding: 'utf8',
      env: { ...process.env, CI: '', ...env },
    });
    const lines = stdout.trimEnd().split('\n');
    return { status, lines, last: lines.at(-1) };
  } finally {
    rmSync(root, { recursive: true });
  }
};

const PASSING = `${UVU}test('one', () => {}); test('two', () => {}); test.run();`;
const FAILING = `${UVU}test('fine', () => {}); test('bad', () => { throw new Error('the reason'); }); test.run();`;

const test = suite('test runner');

test('adds up the counts and prints them last', () => {
  const { status, last } = run({ 'a.test.ts': PASSING, 'deep/er/b.test.ts': PASSING, 'helper.ts': 'throw 1;' });
  assert.is(last, '4 passed, 0 failed');
  assert.is(status, 0);
});

test('shows the output of a failing file', () => {
  const { status, last, lines } = run({ 'a.test.ts': PASSING, 'b.test.ts': FAILING });
  assert.is(last, '3 passed, 1 failed');
  assert.is(status, 1);
  assert.ok(lines.some((line) => line.includes('the reason')));
});

/** Files that must not count as passed: how, text, problem in the report. */
const BROKEN = [
  ['crashes before its tests', `throw new Error('at once');`, 'reported no tests, exit code 1'],
  [
    'crashes while testing',
    `${UVU}test('x', () => { process.kill(process.pid, 'SIGSEGV'); }); test.run();`,
    'killed by SIGSEGV',
  ],
  [
    'crashes after all passed',
    `${PASSING}\nprocess.on('exit', () => { process.exitCode = 7; });`,
    'all passed, but exit code 7',
  ],
  ['is empty', '', 'reported no tests, exit code 0'],
  [
    'leaves a server open',
    `import { createServer } from 'node:net'; createServer().listen(0);\n${PASSING}`,
    'left handles open',
  ],
  ['leaves a timer running', `setInterval(() => {}, 1000);\n${PASSING}`, 'left handles open'],
  ['forgets to run its tests', `${UVU}test('x', () => {});`, 'reported no tests, exit code 0'],
  ['runs a suite of no tests', `${UVU}test.run();`, 'holds no tests'],
  [
    'waits for a promise that never settles',
    `${UVU}test('x', () => new Promise(() => {})); test.run();`,
    'reported no tests, exit code 1',
  ],
] as const;

test('counts a file that is broken in any way as a failure', () => {
  const files = Object.fromEntries(BROKEN.map(([, text], at) => [`broken-${at}/a.test.ts`, text]));
  const { status, last, lines } = run(files);
  assert.match(last ?? '', new RegExp(` passed, ${BROKEN.length} failed$`));
  assert.is(status, 1);
  for (const [at, [what, , problem]] of BROKEN.entries()) {
    const line = lines.find((each) => each.startsWith('FAIL') && each.includes(`broken-${at}/`)) ?? '';
    assert.ok(line.includes(`1 failed`) && line.includes(`(${problem})`), `a file that ${what}: ${line}`);
  }
});

test('counts tests that did not run because of a throwing before hook as failures', () => {
  const text = `${UVU}test.before(() => { throw new Error('no device'); }); test('x', () => {}); test.run();`;
  const { status, last } = run({ 'a.test.ts': text });
  assert.is(last, '0 passed, 1 failed');
  assert.is(status, 1);
});

test('runs the files of a folder in one process, and continues in a new one after a failure', () => {
  const shared = (before: string, name: string): string =>
    `${UVU}test('x', () => { if (globalThis.seen !== ${before}) throw new Error(String(globalThis.seen));
       globalThis.seen = '${name}'; }); test.run();`;
  const files = { 'x/a.test.ts': shared('undefined', 'a'), 'x/b.test.ts': shared("'a'", 'b'), 'x/c.test.ts': FAILING };
  const { last, lines } = run({
    ...files,
    'x/d.test.ts': shared('undefined', 'd'),
    'y/e.test.ts': shared('undefined', 'e'),
  });
  assert.is(last, '5 passed, 1 failed', lines.join('\n'));
});

test('gives a file marked @own-process a process of its own', () => {
  const first = `/** @own-process sets a global */\n${PASSING}\nglobalThis.seen = 1;`;
  const second = `${UVU}test('x', () => { if (globalThis.seen) throw new Error('shared'); }); test.run();`;
  assert.is(run({ 'x/a.test.ts': first, 'x/b.test.ts': second }).last, '3 passed, 0 failed');
});

test('leaves files marked @expensive out with --fast, but never in CI', () => {
  const files = { 'x/a.test.ts': `/** @expensive trains */\n${PASSING}`, 'x/b.test.ts': PASSING };
  assert.is(run(files).last, '4 passed, 0 failed');
  assert.is(run(files, ['--fast']).last, '2 passed, 0 failed');
  assert.is(run(files, ['--fast'], { CI: 'true' }).last, '4 passed, 0 failed');
});

test('writes a report, and resumes without the files that have passed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-report-'));
  try {
    const path = join(folder, 'tests.json');
    const report = (): unknown =>
      TestReport.parse(JSON.parse(readFileSync(path, 'utf8'))).files.map(({ path, passed, failed }) => [
        path,
        passed,
        failed,
      ]);
    run({ 'a.test.ts': PASSING, 'b.test.ts': FAILING }, ['--json', path]);
    assert.equal(report(), [
      ['a.test.ts', 2, 0],
      ['b.test.ts', 1, 1],
    ]);
    const crash = `throw new Error('passed before, and runs again');`;
    const { status, last } = run({ 'a.test.ts': crash, 'b.test.ts': PASSING }, ['--json', path, '--resume']);
    assert.is(last, '4 passed, 0 failed');
    assert.is(status, 0);
    assert.equal(report(), [
      ['a.test.ts', 2, 0],
      ['b.test.ts', 2, 0],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('ends a file that hangs, and the processes it started', () => {
  const hanging = `import { spawn } from 'node:child_process';
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    setInterval(() => {}, 1000);`;
  const { status, last, lines } = run({ 'a.test.ts': hanging, 'b.test.ts': PASSING }, ['--timeout-seconds', '3']);
  assert.is(last, '2 passed, 1 failed');
  assert.is(status, 1);
  assert.ok(lines.some((line) => line.includes('(timed out)')));
});

test('runs only the files that match a word', () => {
  const files = { 'conv.test.ts': PASSING, 'pool.test.ts': FAILING };
  assert.is(run(files, ['conv']).last, '2 passed, 0 failed');
  assert.is(run(files, ['pool']).last, '1 passed, 1 failed');
});

test('fails when no test ran', () => {
  const { status, last } = run({ 'conv.test.ts': PASSING }, ['no-such-name']);
  assert.is(last, '0 passed, 0 failed');
  assert.is(status, 1);
});

test('repeats what a passing file skipped', () => {
  const { status, lines } = run({ 'a.test.ts': `console.log('SKIPPED: no MNIST here');\n${PASSING}` });
  assert.is(status, 0);
  assert.ok(lines.some((line) => line.startsWith('!! ') && line.endsWith('SKIPPED: no MNIST here')));
});

test('leaves the slow tests out with --fast, but never in CI', () => {
  const slow = `import { slow } from ${JSON.stringify(SLOW)};\n`;
  const files = { 'a.test.ts': `${UVU}${slow}slow('long', () => {}); test('short', () => {}); test.run();` };
  assert.is(run(files).last, '2 passed, 0 failed');
  const fast = run(files, ['--fast']);
  assert.is(fast.last, '1 passed, 0 failed');
  assert.ok(fast.lines.includes('1 skipped'));
  assert.is(run(files, ['--fast'], { CI: 'true' }).last, '2 passed, 0 failed');
});

test.run();
