/**
 * @file Text under a picture, in grey: a grey picture stays grey, and so a small PNG.
 */
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { FONT, registerFonts } from './fonts.js';
import type { RasterImage } from './png.js';

/** Pixels. */
const LARGEST = 18;
const SMALLEST = 11;
/** Widths of the picture in font sizes: about 60 characters fit before the text is shrunk. */
const SIZES_ACROSS = 34;
const LINE_HEIGHT = 1.4;
/** Between text and edges, in font sizes. */
const MARGIN = 0.6;

interface Layout {
  /** Of the font, pixels. */
  readonly size: number;
  /** Pixels. */
  readonly lineHeight: number;
  readonly lines: readonly string[];
}

/**
 * Puts black text on a white strip under a picture; `\n` breaks the line. Text that is too wide is first set smaller, on
 * a strip as high as before (so captions as different as "iteration 1" and "iteration 99,000" make animation frames of
 * one size); then broken into more lines between words, and inside of a word that is wider than the picture.
 *
 * @param size of the letters before they are shrunk, in pixels; by the picture's width if absent
 * @throws RangeError where the picture is narrower than a letter
 */
export function withCaption(image: RasterImage, text: string, size = usualSize(image)): RasterImage {
  registerFonts();
  const margin = Math.round(MARGIN * size);
  const { size: fontSize, lineHeight, lines } = layOut(text, size, image.width - 2 * margin);
  const height = lines.length * lineHeight + margin;

  const context = createCanvas(image.width, height).getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, image.width, height);
  context.fillStyle = 'black';
  context.font = `${fontSize}px ${FONT}`;
  context.textBaseline = 'middle';
  for (const [index, line] of lines.entries()) {
    context.fillText(line, margin, Math.round(margin / 2 + (index + 0.5) * lineHeight));
  }

  const rgba = new Uint8Array(image.rgba.length + image.width * height * 4);
  rgba.set(image.rgba);
  rgba.set(greyOf(context.getImageData(0, 0, image.width, height).data), image.rgba.length);
  return { width: image.width, height: image.height + height, rgba };
}

function usualSize({ width }: RasterImage): number {
  return Math.min(LARGEST, Math.max(SMALLEST, Math.round(width / SIZES_ACROSS)));
}

/** One size for all lines: the largest at which the text fits as it is, else the smallest, with more lines. */
function layOut(text: string, largest: number, width: number): Layout {
  const context = createCanvas(1, 1).getContext('2d');
  const lines = text.split('\n').map((line) => line.trim());
  for (let size = largest; size >= SMALLEST; size--) {
    context.font = `${size}px ${FONT}`;
    if (lines.every((line) => context.measureText(line).width <= width)) {
      return { size, lineHeight: Math.round(LINE_HEIGHT * largest), lines };
    }
  }
  return {
    size: SMALLEST,
    lineHeight: Math.round(LINE_HEIGHT * SMALLEST),
    lines: lines.flatMap((line) => wrap(context, line, width)),
  };
}

/** Breaks between words, and inside of a word only where it is wider than a line. */
function wrap(context: SKRSContext2D, text: string, width: number): string[] {
  const fits = (line: string): boolean => context.measureText(line).width <= width;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const letter of word) {
      if (!fits(letter)) throw new RangeError(`withCaption: a picture ${width} pixels wide holds no text.`);
      if (!fits(line + letter)) {
        lines.push(line);
        line = '';
      }
      line += letter;
    }
  }
  return [...lines, line];
}

/** Antialiasing may tint the edges of letters; their green is as good a grey as any. */
function greyOf(rgba: Uint8ClampedArray): Uint8Array {
  const grey = new Uint8Array(rgba.length).fill(255);
  for (let i = 0; i < rgba.length; i += 4) grey.fill(rgba[i + 1]!, i, i + 3);
  return grey;
}
