/**
 * @file The one typeface of all pictures. It comes with the package, since a container often has no font at all.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { GlobalFonts } from '@napi-rs/canvas';

/** The family's name, in canvas fonts and in SVG. */
export const FONT = 'Inter';

const WEIGHTS = [400, 600] as const;
/** A canvas looks for a character in each file of the family: Latin letters of all languages, and Greek for formulas. */
const SUBSETS = ['latin', 'latin-ext', 'greek'] as const;

let registered = false;

/**
 * Makes Inter (400 and 600) known to every canvas of this process. Characters outside of Latin and Greek (≥, →, 漢) are
 * drawn by whatever the machine has, and as boxes where it has nothing.
 *
 * @throws Error where a font file is missing or broken
 */
export function registerFonts(): void {
  if (registered) return;
  for (const weight of WEIGHTS) {
    for (const subset of SUBSETS) {
      const path = fontFile(subset, weight);
      if (GlobalFonts.registerFromPath(path, FONT) === null) throw new Error(`the font file ${path} cannot be read`);
    }
  }
  registered = true;
}

/** CSS with Inter inside of it (its basic Latin part, 65 kB): put it once into a page, and its inline SVGs show in Inter. */
export function fontFaces(): string {
  const faces = WEIGHTS.map((weight) => {
    const data = readFileSync(fontFile('latin', weight)).toString('base64');
    const source = `url(data:font/woff2;base64,${data}) format('woff2')`;
    return `@font-face { font-family: '${FONT}'; font-weight: ${weight}; src: ${source}; }\n`;
  });
  return faces.join('');
}

function fontFile(subset: (typeof SUBSETS)[number], weight: number): string {
  return createRequire(import.meta.url).resolve(`@fontsource/inter/files/inter-${subset}-${weight}-normal.woff2`);
}
