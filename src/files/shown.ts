/**
 * @file Texts from files that may be hostile, made fit for a message.
 */

/** How much of a name, and of whatever stands where something else should, a message shows. */
const SHOWN_CHARACTERS = 60;

/** A text from a file that may be hostile, quoted for a message: one line, no control characters, not long. */
export function shown(text: string): string {
  // By characters, which may take two places each, and no more of a huge text than is needed.
  const start = Array.from(text.slice(0, 2 * SHOWN_CHARACTERS)).slice(0, SHOWN_CHARACTERS);
  return printable(JSON.stringify(start.join('')));
}

/** The same without quotes, for a text that quotes by itself: another program's message. */
export function printable(text: string, most = SHOWN_CHARACTERS): string {
  const escaped = text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  const characters = Array.from(escaped);
  if (characters.length <= most) return escaped;
  return `${characters.slice(0, most - 1).join('')}…`;
}
