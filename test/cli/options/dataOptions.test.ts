/**
 * @file Tests what commands print while they open images.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseDataset } from '../../../src/cli/options/dataOptions.js';
import { UsageError } from '../../../src/cli/options/usageError.js';
import { DownloadReport } from '../../../src/cli/terminal/downloadProgress.js';

const CLOSED = 'http://127.0.0.1:9/';

test('warnings are lines, and the fallback to the built-in digits is an important one', async () => {
  Object.assign(process.env, { MNIST_DIR: '/nowhere', XDG_CACHE_HOME: '/dev/null', ZDIM_MNIST_MIRRORS: CLOSED });
  const [lines, important]: [string[], string[]] = [[], []];
  const say = (line: string, isImportant = false): void => void (isImportant ? important : lines).push(line);
  await chooseDataset({ kind: 'auto', seed: '1', split: 'test', say });
  assert.is(lines[0], '$MNIST_DIR is /nowhere, which has no MNIST; searching elsewhere.');
  assert.match(lines.at(-1) ?? '', /^Cannot keep a download/);
  assert.equal(important, ['MNIST is unavailable: using the BUILT-IN DIGITS instead, which are synthetic.']);
});

test('flags that contradict each other are usage errors', async () => {
  const say = (): void => undefined;
  for (const request of [
    { kind: 'digits', folder: '/nowhere' },
    { kind: 'mnist', folder: undefined },
  ] as const) {
    Object.assign(process.env, { MNIST_DIR: '', XDG_CACHE_HOME: '/tmp/nowhere', ZDIM_MNIST_MIRRORS: 'no url' });
    try {
      await chooseDataset({ ...request, seed: '1', say });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UsageError);
    }
  }
});

test('off a terminal, a download shows as a line a file, and not as one a piece', () => {
  const lines: string[] = [];
  const report = new DownloadReport((line) => lines.push(line), false);
  for (const file of ['first', 'second']) {
    for (const receivedBytes of [1024, 2048, 4096]) {
      report.update({ file, url: `https://mirror.example/a/${file}.gz`, receivedBytes, totalBytes: 4096 });
    }
  }
  report.stop();
  assert.equal(lines, [
    '  first: 4.0 KiB of 4.0 KiB from mirror.example',
    '  second: 4.0 KiB of 4.0 KiB from mirror.example',
  ]);
});

test.run();
