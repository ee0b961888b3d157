/**
 * @file What a training does whose folder, or a file in it, is taken away while it is at work: it stops with one line and
 * code 1, and leaves what is there now alone.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Tensor } from '../../src/autograd/tensor.js';
import { Device } from '../../src/gpu/device.js';
import { slow } from '../support/slow.js';
import { installFault } from './fixtures/faults.js';
import { type Ending, zdim } from './run.js';
import { contents, TRAIN_TINY, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'lost-folder-'));
test.after(() => rmSync(root, { recursive: true }));

const data = writeMnist(join(root, 'data'));

/** A training to whose folder something happens within its fourth iteration. */
async function trainWhile(out: string, happen: (folder: string) => void): Promise<Ending> {
  const folder = join(root, out);
  const often = ['--iterations', '6', '--sample-every', '2', '--checkpoint-every', '2', '--keep', '1'];
  const restore = installFault('call@4', { Tensor, Device }, () => happen(folder));
  try {
    return await zdim([...TRAIN_TINY, ...often, '--data-dir', data, '--out', folder]);
  } finally {
    restore();
  }
}

function assertOneLine({ code, stderr }: Ending, message: RegExp): void {
  assert.is(code, 1, stderr);
  const errors = stderr.trimEnd().split('\n');
  assert.is(errors.length, 1, stderr);
  assert.match(errors[0]!, message);
}

slow('a run whose folder was replaced leaves the other alone', async () => {
  const folder = join(root, 'replaced');
  let before: Map<string, string> | undefined;
  const ending = await trainWhile('replaced', () => {
    renameSync(folder, `${folder}-moved`);
    cpSync(`${folder}-moved`, folder, { recursive: true });
    before = contents(folder);
  });
  assertOneLine(
    ending,
    /^error: the folder \S+replaced is no longer this process's: it was replaced while it was written; /,
  );
  assert.equal(contents(folder), before);
  assert.not(before?.get('.lock') === undefined, 'its lock as well');
});

slow('a run whose folder was removed does not make it anew', async () => {
  const ending = await trainWhile('removed', (folder) => rmSync(folder, { recursive: true }));
  assertOneLine(
    ending,
    /^error: the folder \S+removed is no longer this process's: it was moved away or removed while /,
  );
  assert.not(existsSync(join(root, 'removed')));
});

slow('a run whose metrics were removed does not end as finished', async () => {
  const ending = await trainWhile('metrics', (folder) => rmSync(join(folder, 'metrics.jsonl')));
  assertOneLine(ending, /^error: \S+metrics\.jsonl was removed while it was written; nothing more is written$/);
  assert.match(readFileSync(join(root, 'metrics', 'run.json'), 'utf8'), /"outcome": "failed"/);
});

test.run();
