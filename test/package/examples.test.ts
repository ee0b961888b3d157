/**
 * @file The programs in examples/: each runs, imports the package by its name, and prints the right result.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLES = join(ROOT, 'examples');
const work = mkdtempSync(join(tmpdir(), 'examples-test-'));
test.after(() => rmSync(work, { recursive: true }));

/** Runs an example in this process and returns what it prints. */
async function run(name: string, ...args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  const { argv } = process;
  console.log = (line: string) => lines.push(line);
  process.argv = [argv[0]!, join(EXAMPLES, `${name}.ts`), ...args];
  try {
    await import(pathToFileURL(join(EXAMPLES, `${name}.ts`)).href);
  } finally {
    console.log = log;
    process.argv = argv;
  }
  return lines.join('\n');
}

/** The number behind a word in an example's output. */
function numberAfter(text: string, word: string): number {
  const [, number] = new RegExp(`${word} (-?[\\d.]+)`).exec(text) ?? [];
  return Number(number);
}

/** One check for each example. */
const CHECKS: Readonly<Record<string, () => Promise<void>>> = {
  regression: async () => assert.match(await run('regression'), /^y = 3\.00 x \+ -0\.50$/m),
  mlp: async () => assert.ok(numberAfter(await run('mlp'), 'accuracy') >= 99),
  ownKernel: async () => {
    const text = await run('ownKernel');
    assert.match(text, /^softsign: +-0\.7500, -0\.5000, 0\.3333, 0\.5000$/m);
    assert.match(text, /^first derivative: +0\.0625, 0\.2500, 0\.4444, 0\.2500$/m);
    assert.match(text, /^second derivative: +0\.031[23], 0\.2500, -0\.5926, -0\.2500$/m);
  },
  hessianVectorProduct: async () => {
    const text = await run('hessianVectorProduct');
    assert.match(text, /^H · \(1, 0\) = \(802, -400\)$/m);
    assert.match(text, /^H · \(0, 1\) = \(-400, 200\)$/m);
  },
  sampleGenerator: async () => {
    const out = join(work, 'run');
    const sizes = ['--z', '3', '--width', '0.05', '--batch', '4', '--iterations', '2', '--sample-every', '2'];
    const args = ['train', ...sizes, '--data', 'digits', '--diagnose', '0', '--no-tune', '--out', out];
    const cli = join(ROOT, 'src', 'cli', 'index.ts');
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', cli, ...args], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
    const lines = (await run('sampleGenerator', out)).split('\n');
    assert.is(lines.at(-1), 'z_dim 3, iteration 2');
    assert.ok(lines.slice(0, -1).every((line) => line.length === 28));
    assert.is(lines.length, 15);
  },
  wganGp: async () => {
    const radius = numberAfter(await run('wganGp'), 'generated points:');
    assert.ok(Math.abs(radius - 1) < 0.2, `radius ${radius}`);
  },
};

test('each example is checked, and imports the package by its name only', () => {
  const names = readdirSync(EXAMPLES).map((file) => file.replace(/\.ts$/, ''));
  assert.equal(names.sort(), Object.keys(CHECKS).sort());
  for (const name of names) {
    const text = readFileSync(join(EXAMPLES, `${name}.ts`), 'utf8');
    for (const [, from = ''] of text.matchAll(/from '([^']+)'/g)) assert.match(from, /^zdim-gan-lab(\/\w+)?$/, name);
  }
});

for (const [name, check] of Object.entries(CHECKS)) test(`example ${name}`, check);

test.run();
