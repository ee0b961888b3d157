/**
 * @file Marks a test as slow: `npm test -- --fast` leaves it out, and counts it as skipped. CI runs every test.
 */
import { type Callback, type Test, test } from 'uvu';

const leaveOut = process.env.TEST_FAST === '1' && process.env.CI !== 'true';

export const slow = (name: string, run: Callback, suite: Test = test): void => {
  if (leaveOut) suite.skip(name);
  else suite(name, run);
};
