/**
 * @file metrics.jsonl: appended, read, cut back to an iteration, and read again whatever happened to it.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError } from '../../../src/files/errors.js';
import { METRICS } from '../../../src/gan/ganMetrics.js';
import { IterationLog } from '../../../src/training/run/iterationLog.js';
import { type MetricsRow, parseMetrics, readMetrics } from '../../../src/training/run/metricsLog.js';

const root = mkdtempSync(join(tmpdir(), 'metrics-'));
test.after(() => rmSync(root, { recursive: true }));

let files = 0;
const newPath = (): string => join(root, `${++files}.jsonl`);

/** A float32's value, as the GPU hands them out. */
const rowOf = (iteration: number): MetricsRow => ({
  iteration,
  generatorLoss: Math.fround(Math.sqrt(iteration)),
  discriminatorLoss: Math.fround(1 / iteration),
  realAccuracy: 1,
  fakeAccuracy: 0.75,
  foolingRate: Math.fround(1 / 3),
});

const rows = (first: number, last: number): MetricsRow[] => {
  return Array.from({ length: last - first + 1 }, (_, index) => rowOf(first + index));
};

const lineOf = (iteration: number): string => `${JSON.stringify(rowOf(iteration))}\n`;

/** A log of the iterations 1 … count, open. */
function logOf(count: number): IterationLog<MetricsRow> {
  const log = new IterationLog(newPath(), parseMetrics);
  if (count > 0) log.append(rows(1, count));
  return log;
}

const textOf = ({ path }: IterationLog<MetricsRow>): string => readFileSync(path, 'utf8');
const lines = (first: number, last: number): string => {
  return rows(first, last)
    .map((_, index) => lineOf(first + index))
    .join('');
};

test('what a loss records besides is kept, where it is there', () => {
  const log = logOf(0);
  const [first, second] = rows(1, 2);
  if (first === undefined || second === undefined) throw new Error('two rows are expected');
  const critic = { ...second, wasserstein: -0.5, gradientPenalty: 0.25 };
  log.append([first, critic]);
  log.close();
  assert.equal(readMetrics(log.path), [first, critic]);
});

test('a line of JSON an iteration, across calls; read again they are the same numbers', () => {
  const log = logOf(0);
  log.append(rows(1, 2));
  log.append([]);
  log.append(rows(3, 3));
  assert.is(textOf(log), lines(1, 3));
  assert.equal(JSON.parse(lineOf(2)), rowOf(2));
  assert.equal(readMetrics(log.path), rows(1, 3));
  log.close();
});

test('a file opened again is gone on with', () => {
  const log = logOf(2);
  log.flush();
  log.close();
  const again = new IterationLog(log.path, parseMetrics);
  again.append(rows(3, 4));
  again.close();
  assert.equal(readMetrics(log.path), rows(1, 4));
});

for (const [iteration, left] of [
  [0, 0],
  [1, 1],
  [5, 5],
  [9, 9],
  [10, 9],
  [1000, 9],
] as const) {
  test(`nine lines cut back to iteration ${iteration} are ${left}, and go on from there`, () => {
    const log = logOf(9);
    log.truncate(iteration);
    assert.is(textOf(log), lines(1, left));
    log.append(rows(left + 1, left + 3));
    assert.is(textOf(log), lines(1, left + 3));
    log.close();
  });
}

for (const [what, rest] of [
  ['half a line', '{"iteration":4,"genera'],
  ['a line without its end', lineOf(4).trimEnd()],
  ['zeros, as after a power cut', '\0'.repeat(100)],
  ['zeros and a line’s end', `${'\0'.repeat(100)}\n`],
  ['half a character', Buffer.from('{"iteration":4,"note":"é').subarray(0, -1)],
] as const) {
  test(`${what} at the end is left out, and cut off`, () => {
    const log = logOf(3);
    appendFileSync(log.path, rest);
    assert.equal(readMetrics(log.path), rows(1, 3));
    log.truncate(3);
    log.append(rows(4, 4));
    assert.is(textOf(log), lines(1, 4));
    log.close();
  });
}

test('an empty file, and one of half a line alone, are cut to nothing', () => {
  for (const content of ['', '{"iter']) {
    const log = logOf(0);
    writeFileSync(log.path, content);
    log.truncate(10);
    assert.is(textOf(log), '');
    assert.equal(readMetrics(log.path), []);
    log.close();
  }
});

test('a damaged line in the middle costs itself alone', () => {
  for (const damaged of ['', 'garbage', '{"iteration":3', 'null', '7', '[]', '\u00e9\u20ac\u{1f3b2}']) {
    const log = logOf(0);
    const content = `${lines(1, 2)}${damaged}\n${lines(4, 6)}`;
    writeFileSync(log.path, content);
    assert.equal(readMetrics(log.path), [...rows(1, 2), ...rows(4, 6)], damaged);
    log.truncate(5);
    assert.is(textOf(log), `${lines(1, 2)}${damaged}\n${lines(4, 5)}`);
    log.close();
  }
});

test('bytes that are no UTF-8 do not move the cut', () => {
  const log = logOf(0);
  const noise = Buffer.from([0x22, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x22, 0x0a]);
  const noted = Buffer.concat([Buffer.from('{"iteration":3,"note":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n')]);
  const kept = Buffer.concat([Buffer.from(lines(1, 2)), noise, noted, Buffer.from(lines(4, 4))]);
  writeFileSync(log.path, Buffer.concat([kept, Buffer.from(lines(5, 6))]));
  log.truncate(4);
  assert.equal(readFileSync(log.path), kept);
  log.close();
});

test('iterations without a line are left out, and the others come in order', () => {
  const log = logOf(0);
  writeFileSync(log.path, lineOf(5) + lineOf(2));
  assert.equal(readMetrics(log.path), [rowOf(2), rowOf(5)]);
  log.close();
});

test('what is no number is NaN, and fields beyond are left out', () => {
  const path = newPath();
  writeFileSync(
    path,
    '{"iteration":1,"generatorLoss":"1","discriminatorLoss":null,"realAccuracy":[1],"fakeAccuracy":true}\n' +
      '{"iteration":2,"generatorLoss":1,"__proto__":{"discriminatorLoss":3},"other":4}\n',
  );
  const [one, two] = readMetrics(path);
  assert.ok(METRICS.every((name) => Number.isNaN(one?.[name])));
  assert.equal(two, { ...one, iteration: 2, generatorLoss: 1 });
});

test('iterations that cannot be are left out, and large ones allocate nothing', () => {
  const path = newPath();
  const bad = [
    '0',
    '-1',
    '1.5',
    '1e3000',
    '1e15',
    '9007199254740993',
    '4294967295',
    '"2"',
    'null',
    '[2]',
    '{}',
    'true',
  ];
  const hostile = bad.map((iteration) => `{"iteration":${iteration},"generatorLoss":1}\n`).join('');
  writeFileSync(path, hostile + lines(1, 2) + hostile);
  const before = process.memoryUsage().heapUsed;
  assert.equal(readMetrics(path).slice(0, 2), rows(1, 2));
  assert.ok(process.memoryUsage().heapUsed - before < 2 ** 24);
  const log = new IterationLog(path, parseMetrics);
  log.truncate(2);
  assert.is(textOf(log), hostile + lines(1, 2));
  log.close();
});

test('a damaged number does not hide the lines behind it, and the first of two lines counts', () => {
  const path = newPath();
  const damaged = lineOf(3).replace('"iteration":3', '"iteration":90');
  writeFileSync(path, lines(1, 2) + damaged + lines(4, 6));
  assert.equal(readMetrics(path), [...rows(1, 2), ...rows(4, 6), { ...rowOf(3), iteration: 90 }]);
  const log = new IterationLog(path, parseMetrics);
  log.truncate(5);
  assert.is(textOf(log), lines(1, 2) + damaged + lines(4, 5), 'nor does it cost them when the file is cut back');
  log.close();

  writeFileSync(path, lines(1, 3) + lineOf(9).replace('"iteration":9', '"iteration":3') + lineOf(2));
  assert.equal(readMetrics(path), rows(1, 3));
});

test('a run that has no file yet has no metrics; what cannot be read is an error that names it', () => {
  assert.equal(readMetrics(newPath()), []);
  for (const cannot of [() => readMetrics(root), () => new IterationLog(root, parseMetrics)]) {
    assert.throws(cannot, (error: unknown) => error instanceof FileError && error.message.includes(root));
  }
});

test.run();
