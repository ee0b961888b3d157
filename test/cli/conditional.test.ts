/**
 * @file `--conditional` on the command line: pictures in rows by label, and one label at a time from a checkpoint.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunDescription } from '../../src/training/run/runDescription.js';
import { slow } from '../support/slow.js';
import { Running, zdim } from './run.js';
import { pngSize, TRAIN_TINY, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'conditional-test-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));
const made = new Map<string, string>();

/** The folder of a finished run, made once. */
async function run(...flags: string[]): Promise<string> {
  const name = flags.join('') || 'plain';
  const folder = join(root, name);
  if (made.has(name)) return folder;
  const sizes = ['--iterations', '40', '--sample-every', '40'];
  const { code, stderr } = await zdim([...TRAIN_TINY, ...sizes, '--data-dir', data, '--out', folder, ...flags]);
  assert.is(code, 0, stderr);
  made.set(name, folder);
  return folder;
}

const conditional = async (): Promise<string> => await run('--conditional');

/** Side of an image in a picture at scale 1, and of the gap to the next. */
const [SIDE, GAP] = [28, 2];

function span(images: number, side = SIDE): number {
  return images * side + (images - 1) * GAP;
}

async function draw(
  command: string,
  folder: string,
  ...args: string[]
): Promise<{ path: string; told: Record<string, unknown> }> {
  const path = join(root, `${command}${args.join('')}.png`);
  const words = [command, folder, '--out', path, '--json', '--no-caption', '--scale', '1', ...args];
  const { code, stdout, stderr } = await zdim(words);
  assert.is(code, 0, stderr);
  return { path, told: JSON.parse(stdout) as Record<string, unknown> };
}

/** Grey levels of the image in a row and a column. */
function imageAt(path: string, row: number, column: number): string {
  const { width, data: rgba } = PNG.sync.read(readFileSync(path));
  return Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [x, y] = [column * (SIDE + GAP) + (at % SIDE), row * (SIDE + GAP) + Math.floor(at / SIDE)];
    return rgba[4 * (y * width + x)];
  }).join();
}

slow(
  'train draws ten rows, one for each label, and run.json and the strip of flags tell that it is conditional',
  async () => {
    const folder = await conditional();
    const { objective } = RunDescription.parse(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).arguments;
    assert.equal(objective, { loss: 'bce', conditional: true });
    const images = join(folder, 'images');
    const scaled = 4 * SIDE;
    for (const [kind, columns] of [
      ['fixed', 10],
      ['fresh', 10],
      ['walk', 11],
    ] as const) {
      const name = readdirSync(images).find((file) => file.startsWith(kind)) ?? '';
      const [width, height] = pngSize(join(images, name));
      assert.is(width, span(columns, scaled), kind);
      assert.ok(height > span(10, scaled) && height < span(11, scaled), `${kind}: ten rows and a caption, ${height}`);
    }
  },
);

slow('sample draws the same z at every label, a row each, or one label alone', async () => {
  const all = await draw('sample', await conditional(), '--count', '3');
  assert.equal(pngSize(all.path), [span(3), span(10)]);
  assert.is(all.told.count, 30);
  const one = await draw('sample', await conditional(), '--count', '3', '--label', '7', '--columns', '3');
  assert.equal(pngSize(one.path), [span(3), span(1)]);
  assert.equal([one.told.count, one.told.label], [3, 7]);
  for (const column of [0, 1, 2]) assert.is(imageAt(one.path, 0, column), imageAt(all.path, 7, column));
  assert.is.not(imageAt(all.path, 6, 0), imageAt(all.path, 7, 0));
  const usual = await draw('sample', await conditional());
  assert.equal(pngSize(usual.path), [span(10), span(10)]);
  const given = await draw('sample', await conditional(), '--z=1,2,3,4,5');
  assert.equal(pngSize(given.path), [span(1), span(10)]);
});

slow('interpolate walks at every label, or at one', async () => {
  const all = await draw('interpolate', await conditional(), '--steps', '4');
  assert.equal(pngSize(all.path), [span(4), span(10)]);
  const one = await draw('interpolate', await conditional(), '--steps', '4', '--rows', '1', '--label', '2');
  assert.equal(pngSize(one.path), [span(4), span(1)]);
  for (const step of [0, 3]) assert.is(imageAt(one.path, 0, step), imageAt(all.path, 2, step));
  const ends = await draw('interpolate', await conditional(), '--steps', '3', '--from=0,0,0,0,1', '--to=1,0,0,0,0');
  assert.equal(pngSize(ends.path), [span(3), span(10)]);
});

slow('what makes no sense is refused with the reason', async () => {
  for (const [words, message] of [
    [['sample', await run(), '--label', '3'], /--label 3: this generator is not conditional; train --conditional/],
    [['interpolate', await run(), '--label', '3'], /--label 3: this generator is not conditional/],
    [['sample', await conditional(), '--label', '10'], /--label/],
    [
      ['sample', await conditional(), '--columns', '3'],
      /--columns: without --label, a row holds the --count images of a label/,
    ],
    [['sample', await conditional(), '--count', '2000'], /2000 images of each label: at most 10000/],
    [['interpolate', await conditional(), '--steps', '1000', '--rows', '2'], /20 rows of 1000 images: at most 10000/],
    [['train', '--resume', await conditional(), '--conditional'], /--conditional cannot be given with --resume/],
  ] as const) {
    const { code, stderr } = await zdim([...words]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  }
});

test.run();
