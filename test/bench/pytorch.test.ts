/**
 * @file The benchmark of PyTorch, as far as it goes without PyTorch: its cases are the engine's, by name and operations,
 * and what it is told wrongly it refuses by name.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], cwd = ROOT): Ending {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  return spawnSync(command, args, { cwd, encoding: 'utf8', env });
}

const pytorch = (...args: string[]): Ending => run('python3', ['bench/pytorch/bench.py', ...args]);

interface Row {
  group: string;
  name: string;
  medianMs: number;
  rate: number;
}

interface Results {
  readonly date: string;
  readonly rows: readonly Row[];
}

/** The groups that both benchmarks have. */
const GROUPS = ['matmul', 'conv', 'step'];

/** The newest results of the engine's own benchmark that hold all groups. */
function engineResults(): Results {
  const folder = join(ROOT, 'bench', 'results');
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  // Beside PyTorch's there lie those of the peers and of growth, whose rows have no rate.
  const engines = texts.filter((text) => text.includes('"dawn":') && text.includes('"rate":'));
  const all = engines.map((text) => JSON.parse(text) as Partial<Results>).filter(({ rows }) => rows !== undefined);
  const complete = all.filter((results): results is Results => {
    return GROUPS.every((name) => results.rows?.some(({ group }) => group === name));
  });
  const [newest] = complete.sort((a, b) => (a.date < b.date ? 1 : -1));
  if (newest === undefined) throw new Error(`${folder} holds no results of the engine`);
  return newest;
}

/** The same, but for one row. */
function changed(name: string, change: Partial<Row>): Results {
  const results = engineResults();
  return { ...results, rows: results.rows.map((row) => (row.name === name ? { ...row, ...change } : row)) };
}

/** A copy of the script beside results of one's own, which it looks for there. */
function withResults(results: Results, use: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'pytorch-bench-'));
  try {
    cpSync(join(ROOT, 'bench', 'pytorch'), join(root, 'bench', 'pytorch'), { recursive: true });
    mkdirSync(join(root, 'bench', 'results'));
    writeFileSync(join(root, 'bench', 'results', 'engine.json'), JSON.stringify(results));
    use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const version = run('python3', ['-c', 'import sys; print(sys.version_info >= (3, 9))']);

if (version.status !== 0 || version.stdout.trim() !== 'True') {
  console.log('SKIPPED: the benchmark of PyTorch, even its dry run; it needs python3, 3.9 or newer');
  test.skip('the benchmark of PyTorch');
} else {
  test('dry run: the cases are those that the engine lists, and their counts its own', () => {
    const { status, stdout, stderr } = pytorch('--dry-run');
    assert.is(status, 0, `${stdout}${stderr}`);
    const listed = run(process.execPath, ['--import', 'tsx', 'bench/index.ts', '--list']).stdout.split('\n');
    const lines = stdout.split('\n');
    let names = 0;
    for (const line of listed) {
      const [group = '', ...words] = line.split(' ');
      if (!GROUPS.includes(group)) continue;
      const name = words.join(' ');
      names++;
      assert.ok(
        lines.some((row) => row.startsWith(`${name}  `)),
        `no row ${name}\n${stdout}`,
      );
    }
    assert.ok(names > 30, `${names}`);
    assert.match(stdout, new RegExp(`names and operations of ${names} cases`));
    assert.match(stdout, /^4096³ A × B +eager( +-){5}$/m);
    assert.match(stdout, /^dcgan, batch 32, z 100 +compile-graphs, channels_last( +-){5}$/m);
    assert.match(stdout, /^dcgan: generator 760,065, discriminator 138,945 numbers, 4\.72 GFLOP a step$/m);
    assert.match(stdout, /^article: generator 6,768,129, discriminator 1,026,305 numbers, 12\.71 GFLOP a step$/m);
  });

  test('dry run: a case that the engine names or counts otherwise is a mismatch, and code 1', () => {
    for (const [results, complaint] of [
      [changed('512³ A × B', { name: '511³ A × B' }), /no row '512³ A × B'/],
      [changed('512³ A × B', { rate: 1 }), /^matmul 512³ A × B: 268,435,456 operations counted here, /m],
    ] as const) {
      withResults(results, (root) => {
        const { status, stderr } = run('python3', ['bench/pytorch/bench.py', '--dry-run'], root);
        assert.is(status, 1, stderr);
        assert.match(stderr, complaint);
      });
    }
  });

  test('compares two files, row by row', () => {
    const results = engineResults();
    const ways = ['eager', 'graphs'].map((mode, index) => ({ mode, layout: 'nchw', share: 2 + 2 * index }));
    const rows = results.rows
      .filter(({ group }) => group === 'step')
      .flatMap((row) => ways.map(({ share, ...way }) => ({ ...row, ...way, medianMs: row.medianMs / share })));
    const folder = mkdtempSync(join(tmpdir(), 'pytorch-bench-'));
    try {
      const [engine, saved] = [join(folder, 'engine.json'), join(folder, 'pytorch.json')];
      writeFileSync(engine, JSON.stringify(results));
      writeFileSync(saved, JSON.stringify({ adapter: 'a card', rows }));
      const { status, stdout, stderr } = pytorch('--from', saved, '--compare', engine);
      assert.is(status, 0, `${stdout}${stderr}`);
      assert.match(stdout, /^dcgan, batch 32, z 100 +[\d.]+ +[\d.]+ +2\.00 {3}eager, nchw$/m);
      assert.match(stdout, /^dcgan, batch 32, z 100 +[\d.]+ +[\d.]+ +4\.00 \* graphs, nchw$/m);
      assert.match(stdout, /^step: 4\.00 is the geometric mean .* \(2 names\)$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a wrong argument is named, and ends with a code that is not 0', () => {
    for (const [args, complaint] of [
      [['--rounds', '0'], /argument --rounds: got '0'; it takes an integer/],
      [['--modes', 'eager,fast'], /argument --modes: got 'fast'; it takes eager, graphs/],
      [['--layouts', 'nhwc'], /argument --layouts: got 'nhwc'/],
      [['--sample-ms', 'long'], /argument --sample-ms: got 'long'/],
      [['--device', 'tpu'], /argument --device: .*'tpu'/],
      [['--from', 'a.json'], /argument --from: it needs --compare/],
      [['--faster'], /unrecognized arguments: --faster/],
      [['no-such-case'], /no case's name holds no-such-case/],
      [['conv2d', '--modes', 'compile'], /argument --modes: none of compile is for these cases/],
    ] as const) {
      const { status, stderr } = pytorch('--dry-run', ...args);
      assert.is(status, 2, `${args.join(' ')}\n${stderr}`);
      assert.match(stderr, complaint);
    }
    const missing = pytorch('--dry-run', '--compare', 'no-such-file.json');
    assert.is(missing.status, 1);
    assert.match(missing.stderr, /error: cannot read no-such-file\.json/);
  });
}

test.run();
