/**
 * @file The runner on files that pass, fail, crash, hang and say nothing: a broken file must never count as a pass.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

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

test('adds up what passes, and ends with the counts', () => {
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

for (const [what, text, problem] of [
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
  ['forgets to run its tests', `${UVU}test('x', () => {});`, 'reported no tests, exit code 0'],
  ['runs a suite of no tests', `${UVU}test.run();`, 'holds no tests'],
  [
    'waits for what never comes',
    `${UVU}test('x', () => new Promise(() => {})); test.run();`,
    'reported no tests, exit code 1',
  ],
] as const) {
  test(`counts a file that ${what} as a failure`, () => {
    const { status, last, lines } = run({ 'a.test.ts': text });
    assert.match(last ?? '', /^[02] passed, 1 failed$/);
    assert.is(status, 1);
    assert.ok(
      lines.some((line) => line.includes(`(${problem})`)),
      lines.join('\n'),
    );
  });
}

test('counts the tests that a throwing before hook kept from running as failures', () => {
  const text = `${UVU}test.before(() => { throw new Error('no device'); }); test('x', () => {}); test.run();`;
  const { status, last } = run({ 'a.test.ts': text });
  assert.is(last, '0 passed, 1 failed');
  assert.is(status, 1);
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

test('runs the files that are named', () => {
  const files = { 'conv.test.ts': PASSING, 'pool.test.ts': FAILING };
  assert.is(run(files, ['conv']).last, '2 passed, 0 failed');
  assert.is(run(files, ['pool']).last, '1 passed, 1 failed');
});

test('fails where no test ran', () => {
  const { status, last } = run({ 'conv.test.ts': PASSING }, ['no-such-name']);
  assert.is(last, '0 passed, 0 failed');
  assert.is(status, 1);
});

test('tells loudly what a passing file left out', () => {
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
