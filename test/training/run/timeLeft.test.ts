/**
 * @file The time that a training and a study still take, out of fabricated times.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StudyClock } from '../../../src/study/plan/studyClock.js';
import {
  referenceIteration,
  referenceStudyTimes,
  secondsLeft,
  studySecondsLeft,
  workLeft,
} from '../../../src/training/run/timeLeft.js';
import { SETTINGS } from '../../study/fabricated.js';

const PLAN = { iterations: 1000, sampleEvery: 300, checkpointEvery: 500, samples: 1000 };
const at = (iteration: number, sampled = iteration, saved = iteration) => ({ iteration, sampled, saved });

test('the work left counts what comes every so many iterations, and what comes at the end', () => {
  for (const [position, expected] of [
    [at(0), [1000, 4, 4, 2]],
    // The pictures of iteration 300 are still to be drawn, or are drawn.
    [at(300, 0, 0), [700, 4, 4, 2]],
    [at(300, 300, 0), [700, 3, 3, 2]],
    [at(999, 900, 500), [1, 1, 1, 1]],
    [at(1000, 900, 500), [0, 1, 1, 1]],
    [at(1000), [0, 0, 0, 0]],
  ] as const) {
    const { iterations, pictures, evaluations, checkpoints } = workLeft(PLAN, position);
    assert.equal([iterations, pictures, evaluations, checkpoints], expected, JSON.stringify(position));
  }
  // At a multiple, the end is no further one.
  assert.is(workLeft({ ...PLAN, iterations: 900 }, at(0)).pictures, 3);
  assert.is(workLeft({ ...PLAN, samples: 0 }, at(0)).evaluations, 0);
  assert.is(workLeft({ ...PLAN, sampleEvery: 5000 }, at(0)).pictures, 1);
});

test('the time left is each kind of work times what it takes, and preparing the first evaluation', () => {
  const work = workLeft(PLAN, at(0));
  const times = { iteration: 0.1, pictures: 2, evaluation: 10, checkpoint: 1 };
  assert.is(secondsLeft(work, times, 30), 1000 * 0.1 + 4 * 2 + 4 * 10 + 2 * 1 + 30);
  assert.is(secondsLeft(work, times, 0), 150);
  assert.is(secondsLeft(work, {}, 30), undefined, 'no iteration was timed yet');
  assert.is(secondsLeft(workLeft(PLAN, at(1000, 900, 500)), { evaluation: 10 }, 0), 10);
  assert.is(secondsLeft(workLeft(PLAN, at(1000)), {}, 30), 0);
});

test('runs at a time end later than their mean, and measuring and drawing come after all', () => {
  assert.is(studySecondsLeft({ runs: [10, 10, 10], jobs: 1, measuring: 6, drawing: 4 }), 40);
  assert.is(studySecondsLeft({ runs: [10, 10, 10], jobs: 2, measuring: 6, drawing: 4 }), 30);
  assert.is(studySecondsLeft({ runs: [10, 10, 10], jobs: 64, measuring: 0, drawing: 0 }), 10);
  assert.is(studySecondsLeft({ runs: [], jobs: 4, measuring: 0, drawing: 4 }), 4);
});

test('larger networks, larger batches and more critic steps take longer on the reference device', () => {
  const sizes = { architecture: 'dcgan', width: 0.5, batch: 32 } as const;
  const base = referenceIteration(sizes);
  for (const [what, larger] of [
    ['width', { ...sizes, width: 1 }],
    ['batch', { ...sizes, batch: 64 }],
    ['architecture', { ...sizes, architecture: 'article' }],
    ['5 critic steps', { ...sizes, objective: { loss: 'wgan' } }],
    ['penalty', { ...sizes, objective: { loss: 'r1' } }],
    ['unrolled', { ...sizes, objective: { loss: 'bce', unroll: 2 } }],
  ] as const) {
    assert.ok(referenceIteration(larger) > base, what);
  }
  assert.is(referenceIteration({ ...sizes, objective: { loss: 'bce' } }), base);
});

test('a study is estimated by the reference device until it is measured how much slower this one is', () => {
  let now = 0;
  const times = referenceStudyTimes(SETTINGS);
  const clock = new StudyClock([SETTINGS], { jobs: 1, now: () => 1000 * now });
  const whole = 4 * (times.run + times.measurement + times.figures) + times.preparation;
  assert.ok(Math.abs(clock.secondsLeft - whole) < 1e-6);
  assert.equal([clock.isMeasured, clock.runs], [false, { done: 0, total: 4 }]);

  // Half of the first run takes as long as three halves on the reference device.
  clock.begun(0, 'z5-seed1', 0);
  now += 1.5 * times.run;
  clock.progress(0, 'z5-seed1', 0.5);
  assert.ok(clock.isMeasured);
  const left = 3.5 * times.run + 4 * (times.measurement + times.figures) + times.preparation;
  assert.ok(Math.abs(clock.secondsLeft - 3 * left) < 1e-6, `${clock.secondsLeft}, not ${3 * left}`);

  // The second half goes fast: all in all it was as the reference device.
  now += -0.5 * times.run;
  clock.progress(0, 'z5-seed1', 1);
  clock.ended(0, 'z5-seed1');
  assert.equal(clock.runs, { done: 1, total: 4 });
  const rest = 3 * times.run + 4 * (times.measurement + times.figures) + times.preparation;
  assert.ok(Math.abs(clock.secondsLeft - rest) < 1e-6);

  // Runs that were finished before tell nothing of the speed.
  for (const name of ['z2-seed1', 'z5-seed2', 'z2-seed2']) clock.ended(0, name);
  assert.ok(Math.abs(clock.secondsLeft - (rest - 3 * times.run)) < 1e-6);
  clock.measured(0, 'z5-seed1', 2 * (times.measurement + times.preparation));
  assert.ok(Math.abs(clock.secondsLeft - (3 * 2 * times.measurement + 4 * times.figures)) < 1e-6);
  for (const name of ['z2-seed1', 'z5-seed2', 'z2-seed2']) clock.measured(0, name);
  clock.drawn(0);
  assert.is(clock.secondsLeft, 0);
});

test('a run that goes on counts what is left of it, and one that failed does not count any more', () => {
  let now = 0;
  const clock = new StudyClock([{ ...SETTINGS, zDims: [2], seeds: ['1'] }], { jobs: 4, now: () => now });
  const whole = clock.secondsLeft;
  const { run } = referenceStudyTimes(SETTINGS);
  clock.begun(0, 'z2-seed1', 0.75);
  assert.ok(Math.abs(whole - clock.secondsLeft - 0.75 * run) < 1e-6);
  now = 1e6;
  clock.ended(0, 'z2-seed1');
  assert.not.ok(clock.isMeasured, 'nothing was trained');
  assert.ok(clock.secondsLeft < whole);
});

test.run();
