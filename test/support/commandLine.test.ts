import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand } from './commandLine.js';

test('runCommand returns output and exit code, and restores the process', async () => {
  const before = process.env.NO_COLOR;
  const help = await runCommand(['--help']);
  assert.is(help.code, 0);
  assert.match(help.stdout, /train/);
  assert.is(help.stderr, '');
  const unknown = await runCommand(['train', '--no-such-flag']);
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, /^error: /);
  assert.is(process.exitCode, undefined);
  assert.is(process.env.NO_COLOR, before);
});

test('runCommand sets environment variables only while the command runs', async () => {
  const { code } = await runCommand(['runs', '--help'], { TEST_ONLY_HERE: '1' });
  assert.is(code, 0);
  assert.is(process.env.TEST_ONLY_HERE, undefined);
});

test('runCommand refuses a second command while one runs', async () => {
  const first = runCommand(['--help']);
  try {
    await runCommand(['--help']);
    assert.unreachable('the second command ran');
  } catch (error) {
    assert.match(String(error), /a command is still running/);
  }
  assert.is((await first).code, 0);
});

test.run();
