/**
 * @file Commands that users paste: a shell runs the program that was meant, with the very arguments.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { escapeControls } from '../../../src/data/printable.js';
import {
  commandLine,
  type CommandPart,
  flagWords,
  programWords,
  shellWord,
  type Started,
} from '../../../src/host/node/commandLine.js';

const root = mkdtempSync(join(tmpdir(), 'command-line-test-'));
test.after(() => rmSync(root, { recursive: true }));

/** Names of folders and files that a shell, Node or a terminal may take for something else. */
const HOSTILE = [
  'my clone #1',
  "it's",
  '"quoted" $HOME `id` $(id) \\n \\',
  '-x',
  '--out',
  '~',
  '~root',
  '*?[a-z]{b,c}',
  'a!b',
  'a;b|c&d<e>f(g)',
  '%s%d%%',
  'a=b',
  'é日本👩‍👩‍👧‍👦',
  'line\nfeed',
  "tab\t'and' 100% \\033 !",
  '\x1b[31mred\x1b[0m\x07',
  'bidi \u202e and \u2028',
  ' ',
  'end ',
];

const PRINTER = 'console.log(JSON.stringify(process.argv.slice(1)))';

/** What a program gets that is started by a line in a folder. */
function received(line: string, cwd: string): unknown {
  const { stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', cwd });
  assert.is(stderr, '', line);
  return JSON.parse(stdout);
}

test('a word is what a shell makes of it, and a line that shows as it is', () => {
  const words = [...HOSTILE, ...HOSTILE.map((word) => `a/${word}/b`), ''];
  const line = words.map(shellWord).join(' ');
  assert.is(escapeControls(line), line);
  const print = [process.execPath, '-e', PRINTER, '--'].map(shellWord).join(' ');
  assert.equal(received(`${print} ${line}`, root), words);
  const ending = ['feed\n', '\n\n', 'a\nb\n'];
  assert.equal(received(`${print} ${ending.map(shellWord).join(' ')}`, root), ending);
});

test('plain words need no quotes', () => {
  assert.is(shellWord('runs/my-run_1.a'), 'runs/my-run_1.a');
  assert.is(shellWord('50,2,1'), '50,2,1');
  assert.is(shellWord('two words'), "'two words'");
});

test('a value that begins with a dash belongs to its flag', () => {
  assert.equal(flagWords('--seed', '-1'), ['--seed=-1']);
  assert.equal(flagWords('--seed', '1'), ['--seed', '1']);
});

/** Lays a program that prints its arguments into a folder. */
function layProgram(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'index.js');
  writeFileSync(program, 'console.log(JSON.stringify(process.argv.slice(2)))');
  return program;
}

function started(folder: string, program: string): Started {
  return { folder, base: folder, node: process.execPath, path: dirname(process.execPath), program };
}

test('a program is found wherever it lies, and its arguments are seen from the user’s folder', () => {
  // In place of Node, whose start takes long.
  const printer = join(root, 'print words');
  writeFileSync(printer, '#!/bin/sh\nprintf "%s\\0" "$@"\n', { mode: 0o755 });
  for (const [index, name] of HOSTILE.entries()) {
    const here = join(root, `${index}`, name);
    mkdirSync(here, { recursive: true });
    const parts: CommandPart[] = ['train', { flag: '--resume', path: name }, { path: name }];
    const expected = ['train', ...flagWords('--resume', name), name.startsWith('-') ? `./${name}` : name];
    // Below the user's folder, above it, and the folder itself.
    for (const program of [join(here, name, 'cli'), join(root, `${index}`), here]) {
      const line = commandLine(parts, { ...started(here, program), node: printer });
      assert.is(escapeControls(line), line);
      const { stdout } = spawnSync('sh', ['-c', line], { encoding: 'utf8', cwd: here });
      const [script = '', ...words] = stdout.split('\0').slice(0, -1);
      assert.is(resolve(here, script), program, line);
      assert.not.match(script, /^-/);
      assert.equal(words, expected, line);
    }
  }
});

test('Node starts such a program', () => {
  const folder = join(root, '-- #1');
  const program = layProgram(join(folder, '-x'));
  assert.equal(received(commandLine(['runs'], started(folder, program)), folder), ['runs']);
  assert.equal(received(commandLine(['runs'], started(dirname(program), dirname(program))), dirname(program)), [
    'runs',
  ]);
});

test('a link to the program, such as npm makes, starts it', () => {
  const program = layProgram(join(root, 'installed', 'dist', 'cli'));
  const link = join(root, 'bin $ #');
  symlinkSync(program, link);
  assert.equal(received(commandLine(['runs'], started(root, link)), root), ['runs']);
});

test('where the program runs in another folder than the user’s, paths are seen from the user’s', () => {
  const [base, folder] = [join(root, 'project'), join(root, 'user')];
  const program = layProgram(join(base, 'dist', 'cli'));
  const [run, elsewhere] = [{ flag: '--resume', path: 'runs/a b' }, { path: '/tmp/x' }];
  const line = commandLine(['train', run, elsewhere], { ...started(folder, program), base });
  mkdirSync(folder, { recursive: true });
  assert.equal(received(line, folder), ['train', '--resume', join(base, 'runs/a b'), '/tmp/x']);
  const inside = commandLine(['train', run], { ...started(root, program), base });
  assert.equal(received(inside, root), ['train', '--resume', 'project/runs/a b']);
});

test('Node is called by its name where a shell finds this very Node by it, else by its path', () => {
  const other = join(root, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'node'), '#!/bin/sh\n', { mode: 0o755 });
  const here = started(root, join(root, 'x.js'));
  const path = dirname(process.execPath);
  assert.is(commandLine([], { ...here, path }), 'node x.js');
  assert.is(commandLine([], { ...here, path: [other, path].join(delimiter) }), `${shellWord(process.execPath)} x.js`);
  assert.is(commandLine([], { ...here, path: '/nowhere' }), `${shellWord(process.execPath)} x.js`);
});

test('an installed program is named as the user starts it', () => {
  const bin = resolve('/app/node_modules/.bin/zdim-gan-lab');
  const script = resolve('/app/node_modules/zdim-gan-lab/dist/cli/index.js');
  const line = (folder: string, program: string, path = ''): string =>
    commandLine(['train'], { folder, base: folder, node: process.execPath, path, program });
  assert.is(line(resolve('/app'), bin, dirname(bin)), 'npx zdim-gan-lab train');
  assert.is(line(resolve('/app/data'), bin), 'npx zdim-gan-lab train');
  assert.is(line(resolve('/app'), script), 'npx zdim-gan-lab train');
  assert.match(line(resolve('/other'), bin), /zdim-gan-lab train$/);
  assert.not.match(line(resolve('/other'), bin), /npx/);
  const global = resolve('/usr/local/bin/zdim-gan-lab');
  assert.is(line(resolve('/app'), global, dirname(global)), 'zdim-gan-lab train');
  assert.not.match(line(resolve('/app'), global), /^zdim/);
  const words = (program: string): readonly string[] => {
    return programWords({ folder: resolve('/app'), base: resolve('/app'), node: process.execPath, path: '', program });
  };
  assert.equal(words(bin), ['npx', 'zdim-gan-lab']);
  assert.equal(words(resolve('/app/my-study.js')), ['node', 'dist/cli'], 'a script that uses the library');
});

test.run();
