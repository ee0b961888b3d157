/**
 * @file Makes the titles of small panels that stand side by side.
 */

/** Characters per subtitle line, and number of lines. The number is fixed, so that all titles of a row are level. */
const LINE = 38;
const LINES = 2;

/** Makes a panel's title with a subtitle of two lines. @param last an additional line */
export function panelTitle(text: string, about: string, last?: string) {
  const subtitle = [...wrapped(about), ...(last === undefined ? [] : [last])];
  return { text, subtitle, fontSize: 13, offset: 8 };
}

/** Wraps a text at the width of a panel. */
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
