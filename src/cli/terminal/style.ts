/**
 * @file Colours of the program's own, told apart from escape sequences that come from outside.
 *
 * A style marks its text by sequences that hold a key of this process. Where a line is printed, these alone become colours
 * (see print.ts): a sequence out of a file, a name or an argument does not know the key, and is written out instead.
 */
import { randomInt } from 'node:crypto';
import { escapeControls } from '../../data/printable.js';

/** Parts of four digits, as the measures of text width know them. */
const KEY = Array.from({ length: 3 }, () => randomInt(1000, 10_000)).join(';');

const MARK = new RegExp(`\\x1b\\[(\\d+);${KEY}m`);

const ESC = '\x1b';

function styled(on: number, off: number): (text: string) => string {
  return (text) => `${ESC}[${on};${KEY}m${text}${ESC}[${off};${KEY}m`;
}

/** Marks a text with a colour or weight. */
export const style = {
  bold: styled(1, 22),
  red: styled(31, 39),
  green: styled(32, 39),
  yellow: styled(33, 39),
  cyan: styled(36, 39),
};

/** Replaces each mark by what `sequence` makes of its code, and writes out everything else that a terminal obeys. */
function transform(text: string, sequence: (code: string) => string): string {
  // Split by a pattern with a group: texts at even places, codes at odd ones.
  const parts = text.split(MARK);
  return parts.map((part, index) => (index % 2 === 0 ? escapeControls(part) : sequence(part))).join('');
}

/** One line as a terminal takes it: marks become colours, or nothing; all other control characters are written out. */
export function renderLine(text: string, hasColours: boolean): string {
  return transform(text, (code) => (hasColours ? `${ESC}[${code}m` : ''));
}

/** Writes out control characters, and leaves marks: for texts that are laid out before they are printed. */
export function escapeText(text: string): string {
  return transform(text, (code) => `${ESC}[${code};${KEY}m`);
}
