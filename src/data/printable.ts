/**
 * @file Makes untrusted texts safe for messages.
 */

/** Characters of an untrusted text in a message. */
const SHOWN_CHARACTERS = 60;

/**
 * Characters that a terminal obeys or hides: control characters (C0, DEL, C1), lone surrogates, line and paragraph separators, and
 * format characters such as bidi controls. Joiners and tags stay, of which emoji and the scripts of India are made.
 */
const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d\u{e0020}-\u{e007f}])\p{Cf}/gu;

/** Writes out each character that a terminal obeys or hides, as `\u{1b}`; the result is one line. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same for JSON, whose value stays the same: `\u001b`. Line feeds stay: JSON has them only between tokens. */
export function escapeJsonControls(json: string): string {
  return json.replace(CONTROLS, (character) => {
    if (character === '\n') return character;
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

/** An untrusted text, quoted for a message: one line, no control characters, limited length. */
export function shown(text: string): string {
  // By characters of one or two code units; a huge text is not read beyond the limit.
  const start = Array.from(text.slice(0, 2 * SHOWN_CHARACTERS)).slice(0, SHOWN_CHARACTERS);
  return printable(JSON.stringify(start.join('')));
}

/** The same without quotes, for another program's message, which has its own. */
export function printable(text: string, most = SHOWN_CHARACTERS): string {
  const escaped = escapeControls(text);
  const characters = Array.from(escaped);
  if (characters.length <= most) return escaped;
  return `${characters.slice(0, most - 1).join('')}…`;
}
