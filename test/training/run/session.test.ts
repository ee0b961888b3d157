/**
 * @file Sessions: their outcome, and their time, whatever the clock does.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../../src/autograd/engine.js';
import { instant, shownInstant } from '../../../src/training/run/instants.js';
import { type RunSession, SessionDescription } from '../../../src/training/run/runDescription.js';
import { Session, sessionSeconds } from '../../../src/training/run/session.js';
import { Stopwatch } from '../../../src/training/stopwatch.js';

/** Stands for an engine. */
const engine = {
  device: { adapter: { name: 'llvmpipe', driver: 'Mesa 25' } },
  tuner: { inUse: new Map() },
} as unknown as Engine;

/** Records a session while the clock goes from one time to another. */
function sessionBetween(before: number, after: number): RunSession {
  const real = Date.now;
  let time = before;
  Date.now = () => time;
  const written: RunSession[] = [];
  try {
    const session = new Session({ engine, versions: {}, tuned: false }, 0, (each) => written.push(each));
    session.update();
    time = after;
    session.end({ outcome: 'finished', iteration: 3 });
  } finally {
    Date.now = real;
  }
  const [begun, last, ...more] = written;
  if (begun === undefined || last === undefined) throw new Error('two states are expected');
  assert.equal([begun.outcome, last.outcome, last.to, more.length], ['running', 'finished', 3, 0]);
  return last;
}

const YEAR_10000 = Date.UTC(10_000, 0, 1);

for (const [what, before, after] of [
  ['goes back', Date.UTC(2026, 0, 2), Date.UTC(2020, 0, 1)],
  ['jumps ahead', Date.UTC(1970, 0, 1), Date.UTC(2026, 0, 1)],
  ['is beyond year 9999', YEAR_10000, YEAR_10000],
  ['comes to year 10000', YEAR_10000 - 1, YEAR_10000],
  ['is before year 0', Date.UTC(-1, 0, 1), Date.UTC(-1, 0, 1)],
  ['is no clock', NaN, NaN],
] as const) {
  test(`a clock that ${what} leaves a readable session of no negative time`, () => {
    const session = sessionBetween(before, after);
    const read = SessionDescription.parse(JSON.parse(JSON.stringify(session)));
    const seconds = sessionSeconds(read);
    assert.ok(seconds !== undefined && seconds >= 0 && seconds < 60, `${seconds}`);
  });
}

test('a session records a divergence, an error, and the command that started it', () => {
  const written: RunSession[] = [];
  const context = { engine, versions: {}, tuned: true, eager: true, command: ['train', '--z', '2'] };
  const session = new Session(context, 5, (each) => written.push(SessionDescription.parse(each)));
  session.end({ outcome: 'diverged', iteration: 7, reason: 'the loss is not finite', iterationsPerSecond: 2 });
  session.fail(new Error('no space is left'), 6);
  const [diverged, failed] = written;
  assert.equal(
    [
      diverged?.outcome,
      diverged?.from,
      diverged?.to,
      diverged?.reason,
      diverged?.iterationsPerSecond,
      diverged?.command,
    ],
    ['diverged', 5, 7, 'the loss is not finite', 2, ['train', '--z', '2']],
  );
  assert.equal([failed?.outcome, failed?.to, failed?.reason], ['failed', 6, 'no space is left']);
  const full = new Session(context, 0, () => {
    throw new Error('no space is left');
  });
  full.fail(new Error('the first error counts'), 0);
});

test('a stopwatch counts neither the first iterations nor pauses, and two counts at one moment give no speed', () => {
  const real = performance.now.bind(performance);
  let time = 0;
  performance.now = () => time;
  try {
    const stopwatch = new Stopwatch();
    stopwatch.count(1);
    stopwatch.count(1);
    assert.is(stopwatch.iterationsPerSecond, undefined);
    time = 500;
    stopwatch.pause();
    time = 9000;
    stopwatch.resume();
    time = 9500;
    stopwatch.count(3);
    assert.is(stopwatch.iterationsPerSecond, 4);
  } finally {
    performance.now = real;
  }
});

test('a session that ended before it started, or not at all, has no duration', () => {
  const started = '2026-01-02T03:04:05.000Z';
  assert.is(sessionSeconds({ started, ended: '2026-01-02T03:04:04.000Z' }), undefined);
  assert.is(sessionSeconds({ started }), undefined);
  assert.is(sessionSeconds({ started, ended: '2026-01-02T03:04:06.500Z' }), 1.5);
});

test('a point in time is shown to the minute, whatever its year', () => {
  assert.is(shownInstant(instant(Date.UTC(2026, 0, 2, 3, 4, 5))), '2026-01-02 03:04');
  assert.is(shownInstant(instant(YEAR_10000)), '+010000-01-01 00:00');
  assert.is(shownInstant('2026-01-02T03:04:05Z'), '2026-01-02 03:04');
});

test.run();
