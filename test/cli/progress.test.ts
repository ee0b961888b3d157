/**
 * @file What a progress display prints and draws, by fabricated times.
 */
import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { aboutDuration, describeWork, isYes } from '../../src/cli/terminal/announcement.js';
import { ProgressDisplay } from '../../src/cli/terminal/progress.js';
import { TrainingProgress } from '../../src/cli/terminal/trainingProgress.js';
import { tuningOptions } from '../../src/cli/terminal/tuningProgress.js';
import { SETTINGS } from '../study/fabricated.js';

/** A display of plain lines, and a clock in seconds. */
function plain() {
  const lines: string[] = [];
  const clock = { seconds: 0 };
  const now = (): number => 1000 * clock.seconds;
  const display = new ProgressDisplay({ print: (line) => lines.push(line), isTerminal: false, now });
  return { lines, clock, display, now };
}

test('a phase that lasts is told after 2 seconds, and every 10 from then on; short ones are not told', () => {
  const { lines, clock, display } = plain();
  const row = display.row();
  for (let second = 0; second <= 25; second++) {
    clock.seconds = second;
    row.show({ label: 'reading', done: second, total: 30 });
  }
  assert.equal(lines, ['reading: 2/30', 'reading: 12/30', 'reading: 22/30']);
  clock.seconds = 25.5;
  row.show({ label: 'short' });
  row.end();
  assert.is(lines.length, 3);
});

test('a phase that reports nothing is told as well, with the time that has passed', () => {
  const { lines, clock, display } = plain();
  const row = display.row();
  row.show({ label: 'compiling kernels' });
  for (const second of [1, 2, 3, 11, 12, 13]) {
    clock.seconds = second;
    row.tick();
  }
  assert.equal(lines, ['compiling kernels ...  2 s', 'compiling kernels ...  12 s']);
  row.end();
});

test('a terminal shows the phase at once, lines go above it, and nothing of it stays', () => {
  let text = '';
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const display = new ProgressDisplay({ print: () => assert.unreachable(), isTerminal: true, stream, now: () => 0 });
  const row = display.row();
  row.show({ label: 'reading', done: 1, total: 2, detail: 'of MNIST' });
  assert.match(text, /reading █{12}░{12} 1\/2 {2}of MNIST/);
  row.show({ label: 'writing' });
  assert.match(text, /writing {2}0 s/);
  const printed: string[] = [];
  text = '';
  display.above('a line', (line) => printed.push(line + text));
  assert.is(printed.length, 1);
  assert.match(printed[0] ?? '', /^a line.*\u001b\[0J$/s, 'the row is taken off before');
  assert.match(text, /writing/, 'and is there again');
  text = '';
  ProgressDisplay.stopAll();
  assert.ok(text.endsWith('\u001b[0J'), 'cleared');
});

const ADAPTER = {
  name: 'none',
  vendor: '',
  architecture: '',
  driver: '',
  subgroupMinSize: 4,
  subgroupMaxSize: 4,
};

test('the measuring of kernels leaves the display when it ends, and what waits for it stays', () => {
  let text = '';
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const display = new ProgressDisplay({ print: () => assert.unreachable(), isTerminal: true, stream, now: () => 0 });
  const training = display.row();
  training.show({ label: 'drawing', done: 10, total: 20 });
  const tuning = tuningOptions({ progress: display }, ADAPTER, true);
  tuning.progress?.(0, 2, 'matmul');
  assert.match(text, /measuring kernels █+░+ 1\/2 {2}matmul/);
  text = '';
  tuning.ended?.();
  assert.match(text, /drawing/);
  assert.not.match(text, /measuring/);
  training.end();
});

/** A training on plain lines. */
function training(samples: number) {
  const shown = plain();
  const progress = new TrainingProgress(shown.display.row(), {
    done: 0,
    plan: { iterations: 100, sampleEvery: 50, checkpointEvery: 100, samples },
    first: (iteration = 0) => ({ times: { evaluation: 20 * iteration }, preparation: 30 * iteration }),
    now: shown.now,
  });
  return { ...shown, progress };
}

test('the time left of a training counts pictures, evaluations and checkpoints', () => {
  const { clock, progress } = training(1000);
  assert.is(progress.secondsLeft, undefined);
  clock.seconds = 100; // The first iteration waits for the kernels, and does not count.
  progress.update(1, 1, '');
  assert.is(progress.secondsLeft, undefined);
  clock.seconds += 49;
  progress.update(50, 49, '');
  // 1 s an iteration: two evaluations of 20 s, and 30 s to prepare the first.
  assert.is(progress.secondsLeft, 50 + 2 * 20 + 30);
  progress.phase('pictures', 'drawing pictures', 0, 2);
  clock.seconds += 3;
  progress.phaseEnded('pictures');
  assert.is(progress.secondsLeft, 50 + 2 * 20 + 30 + 2 * 3);
  progress.phase('preparation', 'real images', 0, 1);
  clock.seconds += 10;
  assert.is(progress.secondsLeft, 50 + 2 * 20 + 20 + 2 * 3, 'what has passed of a phase is over');
  progress.phaseEnded('preparation');
  progress.phase('evaluation', 'samples', 0, 1);
  clock.seconds += 12;
  progress.phase('evaluation', 'MS-SSIM', 1, 2);
  progress.phaseEnded('evaluation');
  assert.is(progress.secondsLeft, 50 + 12 + 3, 'measured times replace the estimates');
  clock.seconds += 50;
  progress.update(100, 50, '');
  assert.is(progress.secondsLeft, 12 + 3);
  progress.phase('evaluation', 'samples', 0, 1);
  clock.seconds += 99;
  assert.is(progress.secondsLeft, 3, 'a phase that takes longer than it did is about to end');
  progress.phaseEnded('evaluation');
  progress.phase('checkpoint', 'writing a checkpoint', 0, 1);
  progress.phaseEnded('checkpoint');
  assert.is(progress.secondsLeft, 0);
  progress.stop();
});

test('the lines of a training begin with its iterations, whatever is done', () => {
  const { lines, clock, progress } = training(0);
  progress.before('compiling kernels');
  clock.seconds = 3;
  progress.before('measuring kernels', '1/4 conv');
  clock.seconds = 5;
  progress.before('measuring kernels', '2/4 conv');
  clock.seconds = 7;
  progress.update(50, 50, 'G 1  D 2');
  progress.phase('pictures', 'drawing curves', 1, 4);
  clock.seconds = 9;
  progress.phase('pictures', 'drawing curves', 2, 4);
  progress.phaseEnded('pictures');
  clock.seconds = 10;
  progress.tell('healthy');
  progress.update(100, 50, 'G 1  D 2');
  assert.equal(lines.slice(-1), ['100/100  50.0 it/s  G 1  D 2  2 s left  healthy']);
  for (const line of lines) assert.match(line, /^\d+\/100 {2}\S/);
  assert.ok(lines.some((line) => line.startsWith('0/100  measuring kernels 2/4 conv')));
  assert.ok(lines.some((line) => line.startsWith('50/100  drawing: drawing curves 50 %')));
  progress.stop();
});

test('what is to be trained is told with the number of runs and an estimated time', () => {
  assert.match(
    describeWork([SETTINGS]),
    /^plan {4}4 runs \(2 z × 2 seeds\) of 4 iterations, dcgan at width 0\.125: (?:about \d+ min|less than a minute) on two CPU cores without a GPU \(from measured runs/,
  );
  assert.match(describeWork([SETTINGS, SETTINGS, SETTINGS]), /12 runs \(3 methods × 2 z × 2 seeds\)/);
  assert.equal(
    [20, 61, 200, 601, 2000, 3500, 11_000, 40_000, 200_000].map(aboutDuration),
    [
      'less than a minute',
      'about 1 min',
      'about 3 min',
      'about 10 min',
      'about 35 min',
      'about 1 h',
      'about 3 h',
    ].concat(['about 11 h', 'about 2 days']),
  );
});

test('only a yes begins', () => {
  for (const answer of ['y', 'Y', ' yes ', 'YES\r']) assert.ok(isYes(answer), answer);
  for (const answer of ['', 'n', 'no', 'yeah', 'maybe y', undefined]) assert.not.ok(isYes(answer), answer);
});

test.run();
