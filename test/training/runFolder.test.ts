/**
 * @file The files of a run.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng } from '../../src/figures/png.js';
import type { Metrics } from '../../src/training/gan.js';
import { SAMPLE_COUNT } from '../../src/training/ganTraining.js';
import { RunFolder } from '../../src/training/runFolder.js';

const root = mkdtempSync(join(tmpdir(), 'run-folder-'));
test.after(() => rmSync(root, { recursive: true }));

const SIZE = { height: 28, width: 28, channels: 1 };

function metrics(generatorLoss: number): Metrics {
  return { generatorLoss, discriminatorLoss: 0.5, realCalledReal: 1, fakeCalledFake: 0.75, fakeCalledReal: 0.25 };
}

test('makes the folder, those above it, and images/', () => {
  const path = join(root, 'deep', 'er');
  const folder = new RunFolder(path, SIZE);
  assert.is(folder.path, path);
  assert.is(folder.images, join(path, 'images'));
  assert.equal(readdirSync(path), ['images']);
});

test('an empty folder is taken', () => {
  const path = join(root, 'empty');
  mkdirSync(path);
  assert.not.throws(() => new RunFolder(path, SIZE));
});

test('a folder that is not empty is refused by name, and left alone', () => {
  const path = join(root, 'full');
  mkdirSync(path);
  writeFileSync(join(path, 'precious.txt'), 'mine');
  assert.throws(() => new RunFolder(path, SIZE), /the run folder .*full is not empty; name another with --out/);
  assert.equal(readdirSync(path), ['precious.txt']);
});

test('a file in its place is refused', () => {
  const path = join(root, 'file');
  writeFileSync(path, '');
  assert.throws(() => new RunFolder(path, SIZE), /file/);
});

test('run.json is JSON, is replaced as a whole, and leaves nothing beside it', () => {
  const folder = new RunFolder(join(root, 'json'), SIZE);
  folder.writeRun({ z: 100, nested: { list: [1, 'two', null, true] } });
  folder.writeRun({ z: 2 });
  const text = readFileSync(join(folder.path, 'run.json'), 'utf8');
  assert.equal(JSON.parse(text), { z: 2 });
  assert.ok(text.endsWith('}\n'));
  assert.equal(readdirSync(folder.path).sort(), ['images', 'run.json']);
});

test('metrics.jsonl holds a line an iteration, across calls', () => {
  const folder = new RunFolder(join(root, 'metrics'), SIZE);
  folder.appendMetrics(1, [metrics(0.7), metrics(0.8)]);
  folder.appendMetrics(3, [metrics(0.9)]);
  const lines = readFileSync(join(folder.path, 'metrics.jsonl'), 'utf8').split('\n');
  assert.is(lines.pop(), '', 'the last line is ended');
  assert.equal(
    lines.map((line) => JSON.parse(line) as unknown),
    [0.7, 0.8, 0.9].map((loss, index) => ({ iteration: index + 1, ...metrics(loss) })),
  );
});

test('samples are two 5 × 5 grids, named by iteration so that they sort', () => {
  const folder = new RunFolder(join(root, 'samples'), SIZE);
  const images = (value: number): Float32Array => new Float32Array(SAMPLE_COUNT * 28 * 28).fill(value);
  const paths = folder.writeSamples({ iteration: 250, fixed: images(1), fresh: images(-1) });
  assert.equal(paths, {
    fixed: join(folder.images, 'fixed-000250.png'),
    fresh: join(folder.images, 'fresh-000250.png'),
  });
  folder.writeSamples({ iteration: 1000, fixed: images(0), fresh: images(0) });
  assert.equal(readdirSync(folder.images).sort(), [
    'fixed-000250.png',
    'fixed-001000.png',
    'fresh-000250.png',
    'fresh-001000.png',
  ]);
  const fixed = decodePng(readFileSync(paths.fixed));
  // Five images of 28 × 4 pixels and four gaps of 2.
  assert.equal([fixed.width, fixed.height], [5 * 112 + 8, 5 * 112 + 8]);
  assert.equal([...fixed.rgba.slice(0, 4)], [255, 255, 255, 255], '1 is white');
  assert.equal([...decodePng(readFileSync(paths.fresh)).rgba.slice(0, 4)], [0, 0, 0, 255], '−1 is black');
});

test.run();
