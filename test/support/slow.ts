/**
 * @file Marks a test as slow: `npm test -- --fast` skips it and counts it as skipped.
 */
import { type Callback, type Test, test } from 'uvu';

const isSkipped = process.env.TEST_FAST === '1';

export const slow = (name: string, run: Callback, suite: Test = test): void => {
  if (isSkipped) suite.skip(name);
  else suite(name, run);
};
