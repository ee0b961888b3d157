/**
 * @file Draws generated images in a terminal: by kitty's graphics protocol where the terminal knows it, elsewhere as half-blocks.
 */
import { encodePng, imageGrid, type GridOptions, type RasterImage } from '../../figures/png.js';
import { hasColours } from './print.js';

/** How a terminal shows pixels: as an image, in any colour, or in one of 256. */
export type PictureStyle = 'kitty' | 'truecolor' | '256';

/** Images of a picture, in rows of so many. */
const IMAGES = { all: 10, row: 5 };

/** An image's width in columns of text, as half-blocks: two pixels to a column, and four to a row, still show a digit. */
const SHRINK = 2;

/** Pixels of a kitty picture for each pixel of an image. */
const SCALE = 3;

/** Bytes of base64 in one of kitty's escape sequences. */
const CHUNK = 4096;

/**
 * How the terminal at stdout shows pictures.
 *
 * @returns undefined if it shows none: no terminal, a dumb one, or colours are off
 */
export function pictureStyle(
  env: NodeJS.ProcessEnv = process.env,
  isTerminal = process.stdout.isTTY && hasColours('stdout', env),
): PictureStyle | undefined {
  const { TERM = '', TERM_PROGRAM = '', COLORTERM = '', TMUX } = env;
  if (!isTerminal || TERM === 'dumb') return undefined;
  // Another terminal that was started from kitty inherits kitty's variables, but not its TERM. tmux passes no graphics on.
  const isKitty = /kitty|ghostty/.test(TERM) || /^(ghostty|wezterm)$/i.test(TERM_PROGRAM);
  if (isKitty && TMUX === undefined) return 'kitty';
  return /truecolor|24bit/.test(COLORTERM) ? 'truecolor' : '256';
}

/**
 * Draws the first images.
 *
 * @param images NHWC in [−1, 1]
 * @param width of the terminal, in columns
 * @returns escape sequences and line feeds
 */
export function drawPicture(
  images: Float32Array,
  shape: Pick<GridOptions, 'height' | 'width' | 'channels'>,
  style: PictureStyle,
  width: number,
): string {
  const { row, all } = IMAGES;
  const fitting = Math.max(1, Math.min(row, Math.floor(width / Math.ceil(shape.width / SHRINK + 1))));
  const count = Math.min(fitting * (all / row), images.length / (shape.height * shape.width * shape.channels));
  const grid = { ...shape, count, columns: Math.min(fitting, count) };
  if (style === 'kitty') return kittyImage(encodePng(imageGrid(images, { ...grid, scale: SCALE })));
  return halfBlocks(imageGrid(images, { ...grid, gap: SHRINK }), style);
}

/** https://sw.kovidgoyal.net/kitty/graphics-protocol: transmit and display a PNG. */
function kittyImage(png: Uint8Array): string {
  const text = Buffer.from(png).toString('base64');
  let sequences = '';
  for (let start = 0; start < text.length; start += CHUNK) {
    const control = start === 0 ? 'a=T,f=100,q=2,' : '';
    const more = start + CHUNK < text.length ? 1 : 0;
    sequences += `\x1b_G${control}m=${more};${text.slice(start, start + CHUNK)}\x1b\\`;
  }
  return `${sequences}\n`;
}

/** An upper half-block has the colour of one shrunk pixel, and its background that of the pixel below. */
function halfBlocks(image: RasterImage, style: 'truecolor' | '256'): string {
  const [columns, rows] = [Math.ceil(image.width / SHRINK), Math.ceil(image.height / SHRINK)];
  let text = '';
  for (let y = 0; y < rows; y += 2) {
    for (let x = 0; x < columns; x++) {
      text += `\x1b[38;${colour(image, x, y, style)};48;${colour(image, x, y + 1, style)}m▀`;
    }
    text += '\x1b[0m\n';
  }
  return text;
}

/** The mean colour of a shrunk pixel, as the parameters of an escape sequence. */
function colour({ width, height, rgba }: RasterImage, x: number, y: number, style: 'truecolor' | '256'): string {
  let [red, green, blue, count] = [0, 0, 0, 0];
  for (let row = y * SHRINK; row < Math.min(height, (y + 1) * SHRINK); row++) {
    for (let column = x * SHRINK; column < Math.min(width, (x + 1) * SHRINK); column++) {
      const at = 4 * (row * width + column);
      red += rgba[at]!;
      green += rgba[at + 1]!;
      blue += rgba[at + 2]!;
      count += 1;
    }
  }
  const level = (sum: number, most: number): number => Math.round((most * sum) / (255 * Math.max(1, count)));
  if (style === 'truecolor') return `2;${level(red, 255)};${level(green, 255)};${level(blue, 255)}`;
  // 24 greys from 232, and a cube of 6 × 6 × 6 colours from 16.
  if (red === green && green === blue) return `5;${232 + level(red, 23)}`;
  return `5;${16 + 36 * level(red, 5) + 6 * level(green, 5) + level(blue, 5)}`;
}
