/**
 * @file Tests texts of hostile files in messages: one line, without terminal controls, and short.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printable, shown } from '../../src/data/printable.js';

test('a text is quoted, and unprintable characters are escaped', () => {
  assert.is(shown('generator/dense'), '"generator/dense"');
  assert.is(shown('a"b\n'), '"a\\"b\\n"');
  assert.is(shown('é😀'), '"é😀"');
  for (const nasty of ['\x1b[31m', '\u202e', '\u2028', '\x9b']) {
    assert.not.match(shown(`a${nasty}b`), /[\p{C}\p{Zl}\p{Zp}]/u);
  }
});

test('a long text is cut between characters', () => {
  assert.ok(shown('x'.repeat(1e6)).length <= 60);
  assert.match(shown('😀'.repeat(100)), /^"(😀)+…$/u);
  assert.is(printable('x'.repeat(300), 200), `${'x'.repeat(199)}…`);
  assert.is(printable('plain', 200), 'plain');
});

test.run();
