/**
 * @file What a session tells of its time, whatever the clock does meanwhile.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../../src/autograd/engine.js';
import { instant, shownInstant } from '../../../src/training/run/instants.js';
import { type RunSession, SessionDescription } from '../../../src/training/run/runDescription.js';
import { recordSession, sessionSeconds } from '../../../src/training/run/runSession.js';

/** What a session tells of its device. */
const engine = {
  device: { adapter: { name: 'llvmpipe', driver: 'Mesa 25' } },
  tuner: { inUse: new Map() },
} as unknown as Engine;

/** Runs a session while the clock goes from one time to another. */
async function sessionBetween(before: number, after: number): Promise<RunSession> {
  const real = Date.now;
  let time = before;
  Date.now = () => time;
  const written: RunSession[] = [];
  try {
    const context = { engine, versions: {}, tuned: false, eager: false };
    await recordSession(
      context,
      () => 0,
      (session) => written.push(session),
      ({ clock }) => {
        time = after;
        // Two counts at one moment give no speed.
        clock.pause();
        return Promise.resolve('finished');
      },
    );
  } finally {
    Date.now = real;
  }
  const last = written.at(-1);
  if (last === undefined) throw new Error('nothing was written');
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
  test(`a clock that ${what} leaves a session that can be read, of no negative time`, async () => {
    const session = await sessionBetween(before, after);
    const read = SessionDescription.parse(JSON.parse(JSON.stringify(session)));
    const seconds = sessionSeconds(read);
    assert.ok(seconds !== undefined && seconds >= 0 && seconds < 60, `${seconds}`);
  });
}

test('a session that ended before it started, or not at all, tells no time', () => {
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
