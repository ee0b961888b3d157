/**
 * @file The package as npm packs it: its metadata, and an install into an empty project.
 *
 * No network is used: npm finds the dependencies in place, copied from this checkout, and only those that the package
 * declares.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ensureBuild } from '../../scripts/lib/build.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'package-test-'));
test.after(() => rmSync(work, { recursive: true }));

/** The empty project. */
const app = join(work, 'app');
const installed = join(app, 'node_modules', 'zdim-gan-lab');

/** Runs a program and returns its output. */
function run(program: string, args: readonly string[], cwd = app): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', env: environment() });
  assert.is(status, 0, `${program} ${args.join(' ')}: ${String(error ?? '')}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Without what npm tells its children: an npm inside `npm test` must not take this project's settings. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS)/i.test(name)));
}

function npm(args: readonly string[], cwd?: string): string {
  const cli = process.env.npm_execpath ?? '';
  return cli.endsWith('npm-cli.js') ? run(process.execPath, [cli, ...args], cwd) : run('npm', args, cwd);
}

function pack(): string {
  npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', work], ROOT);
  return join(work, readdirSync(work).find((name) => name.endsWith('.tgz')) ?? '');
}

/** Copies what an install of the package would bring: no development dependencies. */
function copyDependencies(): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  for (const [path, { dev = false, devOptional = false }] of Object.entries(packages)) {
    const isNested = path.lastIndexOf('node_modules/') > 0;
    if (path === '' || dev || devOptional || isNested || !existsSync(join(ROOT, path))) continue;
    cpSync(join(ROOT, path), join(app, path), { recursive: true });
  }
}

await ensureBuild();
const tarball = pack();
mkdirSync(app);
copyDependencies();
writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
npm(['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball]);

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  assert.equal(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('arethetypeswrong finds nothing for a package of ES modules', async () => {
  const data = createPackageFromTarballData(new Uint8Array(readFileSync(tarball)));
  const analysis = await checkPackage(data, { excludeEntrypoints: ['./shaders/*', './package.json'] });
  assert.ok(analysis.types !== false);
  // `require` of an ES module, and TypeScript's resolution from before `exports`: this package supports neither.
  const problems = analysis.problems.filter(
    (problem) =>
      problem.kind !== 'CJSResolvesToESM' &&
      !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
  );
  assert.equal(problems, []);
});

test('the tarball holds what a user runs, and no sources, tests or maps', () => {
  const top = readdirSync(installed).sort();
  assert.equal(top, ['LICENSE', 'README.md', 'assets', 'dist', 'docs', 'package.json', 'schemas', 'shaders']);
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  assert.equal(
    files.filter((file) => /\.map$|(?<!\.d)\.ts$|\.stamp$/.test(file)),
    [],
  );
});

const PROGRAM = `
import { Engine, grad, ops, type Tensor } from 'zdim-gan-lab';
import { openDevice } from 'zdim-gan-lab/node';
import { openDevice as openBrowserDevice } from 'zdim-gan-lab/browser';
import { Evaluator } from 'zdim-gan-lab/evaluation';
import { dense, Sequential } from 'zdim-gan-lab/models';

const device = await openDevice();
const handle: GPUDevice = device.handle;
const engine = new Engine(device);
const x: Tensor = engine.tensor([1, 2, 3], [3]);
const cube = (t: Tensor): Tensor => ops.sum(ops.mul(t, ops.square(t)));
const [slope] = grad(cube)(x);
const values: Float32Array | undefined = await slope?.data();
const kinds = [openBrowserDevice, Evaluator, dense, Sequential].map((value) => typeof value);
console.log(JSON.stringify({ values: [...(values ?? [])], label: typeof handle.label, kinds }));
device.destroy();
`;

test('an installed package computes', () => {
  // Types go, and the program is plain JavaScript.
  const script = PROGRAM.replace(/, type Tensor/, '').replace(/: (Tensor|GPUDevice|Float32Array \| undefined)/g, '');
  writeFileSync(join(app, 'run.mjs'), script);
  const output: unknown = JSON.parse(run(process.execPath, ['run.mjs']));
  assert.equal(output, {
    values: [3, 12, 27],
    label: 'string',
    kinds: ['function', 'function', 'function', 'function'],
  });
});

/** For a page: what it imports declares nothing of Node's. */
const PAGE = PROGRAM.replace(/^import .*zdim-gan-lab\/node';\n/m, '')
  .replace('openDevice as openBrowserDevice', 'openDevice')
  .replace('[openBrowserDevice', '[openDevice');

/** Users' projects: a program, and compiler options besides the strict ones. */
const PROJECTS = {
  'of a page, with the DOM library alone': {
    program: PAGE,
    options: { module: 'nodenext', lib: ['es2023', 'dom'], types: [] },
  },
  'of a page, by a bundler': {
    program: PAGE,
    options: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'], types: [] },
  },
  'in Node, without the DOM library, with the types that docs/library.md names': {
    program: PROGRAM,
    options: { module: 'nodenext', lib: ['es2023'], types: ['node', '@webgpu/types'] },
  },
};

// A user of Node has its types.
for (const name of ['@types/node', 'undici-types']) {
  cpSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name), { recursive: true });
}

for (const [title, { program, options }] of Object.entries(PROJECTS)) {
  test(`strict types hold ${title}`, () => {
    writeFileSync(join(app, 'use.ts'), program);
    const compilerOptions = {
      target: 'es2023',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      // The package's own declarations are checked as well.
      skipLibCheck: false,
      ...options,
    };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: app, encoding: 'utf8' });
    // Declarations of other packages have errors of their own without the DOM library.
    const own = stdout.split('\n').filter((line) => /^(use\.ts|node_modules\/zdim-gan-lab\/|error)/.test(line));
    assert.equal(own, []);
  });
}

test('npx starts the command line, and its help names that command', () => {
  const npx = ['exec', '--offline', '--', 'zdim-gan-lab'];
  const help = npm([...npx, 'train', '--help']);
  assert.match(help, /^ {2}npx zdim-gan-lab train --z 100/m);
  assert.not.match(help, /node dist\/cli/);
  const sizes = ['--z', '2', '--width', '0.05', '--batch', '4', '--iterations', '2', '--sample-every', '2'];
  npm([...npx, 'train', ...sizes, '--data', 'digits', '--diagnose', '0', '--no-tune', '--out', 'run']);
  assert.ok(existsSync(join(app, 'run', 'metrics.jsonl')));
});

test.run();
