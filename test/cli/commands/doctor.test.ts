/**
 * @file `doctor` tells what the machine has.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { smallMnist } from '../../data/fixtures.js';
import { zdim } from '../run.js';

const root = mkdtempSync(join(tmpdir(), 'doctor-test-'));
test.after(() => rmSync(root, { recursive: true }));

for (const [name, bytes] of Object.entries(smallMnist())) writeFileSync(join(root, name), bytes);

const ending = await zdim(['doctor'], { MNIST_DIR: root });

test('ends by itself, well', () => {
  assert.is(ending.signal, null);
  assert.is(ending.code, 0, ending.stderr);
  assert.is(ending.stderr, '');
});

for (const [what, pattern] of [
  ['the project', /^project +\d+\.\d+\.\d+$/m],
  ['Node', new RegExp(`^node +${process.version.replaceAll('.', '\\.')} on ${process.platform} ${process.arch}$`, 'm')],
  ['Dawn', /^dawn +npm webgpu \d+\.\d+\.\d+$/m],
  ['the processor and the memory', /^cpu +\d+ × .+, [\d.]+ GiB memory$/m],
  ['the adapter', /^adapter +\S+/m],
  ['the driver', /^driver +\S+/m],
  ['the optional features', /^features +timestamp-query (yes|no), subgroups (yes|no), shader-f16 (yes|no)$/m],
  ['the limits', /^limits +maxBufferSize \d+$/m],
  ['the limit of a binding', /^ +maxStorageBufferBindingSize \d+$/m],
  ['the limit of workgroup memory', /^ +maxComputeWorkgroupStorageSize \d+$/m],
  ['the disk', /^disk +[\d.]+ [KMGT]iB free here$/m],
  ['the cache', /^cache +.*zdim-gan-lab$/m],
] as const) {
  test(`names ${what}`, () => {
    assert.match(ending.stdout, pattern);
  });
}

test('names the folder that MNIST is in', () => {
  assert.ok(ending.stdout.includes(`data      MNIST in ${root}\n`), ending.stdout);
});

test('--json tells the same', async () => {
  const { code, stdout } = await zdim(['doctor', '--json'], { MNIST_DIR: root });
  assert.is(code, 0);
  const facts = JSON.parse(stdout) as { mnist: string; adapter: { name: string; limits: Record<string, number> } };
  assert.is(facts.mnist, root);
  assert.ok(ending.stdout.includes(`adapter   ${facts.adapter.name}`));
  assert.ok(ending.stdout.includes(`maxBufferSize ${facts.adapter.limits.maxBufferSize}\n`));
});

test('tells where there is no MNIST', async () => {
  const { code, stdout } = await zdim(['doctor'], { MNIST_DIR: join(root, 'nothing'), XDG_CACHE_HOME: root });
  assert.is(code, 0, 'the built-in digits serve');
  assert.match(stdout, /^data +no MNIST here.*--data-dir/m);
});

test.run();
