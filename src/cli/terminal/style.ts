/**
 * @file Marks texts with colours, and keeps external escape sequences from the terminal.
 *
 * A mark contains a random key of this process. print.ts turns marks into colours, and escapes every other sequence: those of
 * files, names and arguments do not have the key.
 */
import { randomInt } from 'node:crypto';
import { escapeControls } from '../../data/printable.js';

/** Parts of four digits, which libraries that measure text width recognise. */
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

/** Replaces each mark by `sequence` of its code, and escapes all other control characters. */
function transform(text: string, sequence: (code: string) => string): string {
  // A split by a pattern with a group gives texts at even places, codes at odd places.
  const parts = text.split(MARK);
  return parts.map((part, index) => (index % 2 === 0 ? escapeControls(part) : sequence(part))).join('');
}

/** Renders a line for a terminal: marks become colours, or nothing; other control characters are escaped. */
export function renderLine(text: string, hasColours: boolean): string {
  return transform(text, (code) => (hasColours ? `${ESC}[${code}m` : ''));
}

/** Escapes control characters and keeps marks, for texts that are laid out before they are printed. */
export function escapeText(text: string): string {
  return transform(text, (code) => `${ESC}[${code};${KEY}m`);
}
