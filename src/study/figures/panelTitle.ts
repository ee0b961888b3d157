/**
 * @file The titles of small panels that stand side by side.
 */

/** Characters of a line below a panel's title, and lines, so that all titles of a row are level. */
const LINE = 38;
const LINES = 2;

/** A panel's title, and what it shows in two lines below. @param last a line of its own after those */
export function panelTitle(text: string, about: string, last?: string) {
  const subtitle = [...wrapped(about), ...(last === undefined ? [] : [last])];
  return { text, subtitle, fontSize: 13, offset: 8 };
}

/** Breaks a text between words, so that it is no wider than a panel. */
function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > LINE) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  while (lines.length < LINES) lines.push('');
  return lines;
}
