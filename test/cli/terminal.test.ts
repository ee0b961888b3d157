/**
 * @file What reaches the terminal: the program's own colours, nothing that a text from outside would have it do, and exit
 * code 1 where a result does not arrive.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasColours } from '../../src/cli/terminal/print.js';
import { renderLine, style } from '../../src/cli/terminal/style.js';
import { TextTable } from '../../src/cli/terminal/table.js';
import { escapeControls, escapeJsonControls } from '../../src/data/printable.js';
import { commandLine, zdim } from './run.js';

const root = mkdtempSync(join(tmpdir(), 'terminal-test-'));
test.after(() => rmSync(root, { recursive: true }));

/** Control characters (C0, DEL, C1), line separators and bidi controls, a line feed aside. */
const OBEYED = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Clears the screen, sets a title, rings, goes back, and writes from right to left. */
const HOSTILE = '\x1b[2J\x1b]0;title\x07\x9b31m\r\b\x7f\u202e\u2066\u2028';

test('control characters are written out, and names in any script stay', () => {
  assert.is(escapeControls('a\x1b[31m\n'), 'a\\u{1b}[31m\\u{a}');
  assert.not.match(escapeControls(HOSTILE), OBEYED);
  for (const name of ['日本', 'é', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'क्‍ष', 'עברית', '☺️']) assert.is(escapeControls(name), name);
});

test('JSON keeps its value', () => {
  const value = { [HOSTILE]: [HOSTILE, '日本 👩‍👩‍👧‍👦'] };
  const json = escapeJsonControls(JSON.stringify(value, null, 2));
  assert.not.match(json, OBEYED);
  assert.equal(JSON.parse(json), value);
});

test('the program’s own colours are told from those of a text', () => {
  const line = style.bold(style.red(`a\x1b[32mb`));
  assert.is(renderLine(line, true), '\x1b[1m\x1b[31ma\\u{1b}[32mb\x1b[39m\x1b[22m');
  assert.is(renderLine(line, false), 'a\\u{1b}[32mb');
});

test('a cell stays in its place, with its colour', () => {
  const table = new TextTable([
    ['name', 'left'],
    ['n', 'right'],
  ]);
  table.push([style.green('two\nlines'), 1]);
  table.push(['\x1b[2Jx', 22]);
  const [top, , first, second, bottom, ...more] = table.lines;
  assert.equal(more, []);
  assert.is(renderLine(first ?? '', true), '│ \x1b[32mtwo\\u{a}lines\x1b[39m │  1 │');
  const lengths = [first, second, bottom].map((line) => renderLine(line ?? '', false).length);
  assert.equal(
    lengths,
    lengths.map(() => top?.length),
  );
});

test('NO_COLOR and FORCE_COLOR decide on colours, then the terminal', () => {
  for (const stream of ['stdout', 'stderr'] as const) {
    const colours = (env: NodeJS.ProcessEnv): boolean => hasColours(stream, env);
    assert.equal(
      ['0', 'false', '1', '2', 'true'].map((value) => colours({ FORCE_COLOR: value })),
      [false, false, true, true, true],
    );
    assert.is(colours({ FORCE_COLOR: '1', NO_COLOR: '1' }), false);
    assert.is(colours({ TERM: 'dumb' }), false);
  }
});

test('a folder of hostile runs shows as text, in a table, as JSON and in errors', async () => {
  const folder = join(root, 'hostile');
  mkdirSync(join(folder, `a\n${HOSTILE}`), { recursive: true });
  writeFileSync(join(folder, `a\n${HOSTILE}`, 'run.json'), `{"${HOSTILE}": `);
  const { code, stdout } = await zdim(['runs', folder]);
  assert.is(code, 0);
  assert.match(stdout, /damaged/);
  assert.not.match(stdout, OBEYED);
  const json = (await zdim(['runs', folder, '--json'], { FORCE_COLOR: '1' })).stdout;
  assert.not.match(json, OBEYED);
  const rows = JSON.parse(json) as { run: string }[];
  assert.is(rows[0]?.run, join(folder, `a\n${HOSTILE}`));
  const nowhere = await zdim(['runs', `nowhere\n${HOSTILE}`, '--debug']);
  assert.is(nowhere.code, 1);
  assert.not.match(nowhere.stderr, OBEYED);
  const unknown = await zdim([`--${HOSTILE}\nx`]);
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, /^error: .*\\u\{1b\}\[2J.*\n$/);
  assert.not.match(unknown.stderr, OBEYED);
});

test('runs that are linked are listed; a broken link, a loop and a link to a file are not', async () => {
  const [folder, elsewhere] = [join(root, 'links'), join(root, 'elsewhere')];
  for (const path of [folder, elsewhere]) mkdirSync(path);
  writeFileSync(join(elsewhere, 'run.json'), '{}');
  symlinkSync(elsewhere, join(folder, 'linked'));
  symlinkSync(join(folder, 'linked'), join(folder, 'linked-again'));
  symlinkSync('loop', join(folder, 'loop'));
  symlinkSync('..', join(folder, 'above'));
  symlinkSync(join(root, 'nothing'), join(folder, 'broken'));
  symlinkSync(join(elsewhere, 'run.json'), join(folder, 'file'));
  const rows = JSON.parse((await zdim(['runs', folder, '--json'])).stdout) as { run: string }[];
  assert.equal(
    rows.map(({ run }) => run),
    ['linked', 'linked-again'].map((name) => join(folder, name)),
  );
});

if (process.platform === 'linux') {
  test('a result that cannot be written is told, with code 1; a reader that is gone is not', () => {
    const full = openSync('/dev/full', 'w');
    for (const words of [['runs', root], ['runs', root, '--json'], ['--version'], ['help', 'train']]) {
      const [node, ...args] = commandLine(words);
      const { status, stderr } = spawnSync(node, args, { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
      assert.is(status, 1, words.join(' '));
      assert.match(stderr, /^error: cannot write the result to standard output: no space is left .* \(ENOSPC\)\n$/);
    }
    closeSync(full);
    const [node, ...args] = commandLine(['train', '--help']);
    const shell = '"$@" | true; exit "${PIPESTATUS[0]}"';
    const gone = spawnSync('bash', ['-c', shell, 'bash', node, ...args], { encoding: 'utf8' });
    assert.equal([gone.status, gone.stderr], [0, '']);
  });
}

test.run();
