/**
 * @file Animations of pictures, as GIF: every browser, chat and README shows one.
 */
import { GifEncoder } from '@napi-rs/canvas';
import type { RasterImage } from './png.js';

export interface AnimationOptions {
  /** How long a frame stays, in milliseconds: 20 … 655,350, rounded to 10 (GIF counts hundredths of a second). */
  readonly delayMs: number;
  /** The same for the last frame. */
  readonly lastDelayMs: number;
  /** Whether to start over, for ever; otherwise the last frame stays. */
  readonly loop: boolean;
}

/** Browsers take a shorter delay for a mistake, and wait 100 ms. */
const SHORTEST_MS = 20;
const LONGEST_MS = 655_350;
/** GIF stores sides in 16 bits. */
const LONGEST_SIDE = 65_535;

/** The extension that makes browsers loop, here with a count of 0: for ever. */
const LOOP_EXTENSION = Buffer.from('21ff0b4e45545343415045322e300301000000', 'hex');

/**
 * Encodes frames as a GIF. A frame with at most 256 colours, as every grey one, is kept exactly; of others, the 256
 * colours are chosen that suit the frame best.
 *
 * @throws RangeError without frames, where they differ in size, are not opaque or do not have `width · height · 4`
 *   bytes, and for a delay out of range
 */
export function encodeAnimation(frames: readonly RasterImage[], options: AnimationOptions): Uint8Array {
  const { delayMs, lastDelayMs, loop } = options;
  const [first] = frames;
  if (first === undefined) throw new RangeError('encodeAnimation: there are no frames.');
  const { width, height } = first;
  // The encoder ends the process, not the call, where sizes are wrong.
  for (const [index, frame] of frames.entries()) checkFrame(frame, index, first);
  const delays = { delayMs: hundredths('delayMs', delayMs), lastDelayMs: hundredths('lastDelayMs', lastDelayMs) };

  const encoder = new GifEncoder(width, height, { repeat: 0, quality: 1 });
  for (const [index, { rgba }] of frames.entries()) {
    const delay = index === frames.length - 1 ? delays.lastDelayMs : delays.delayMs;
    encoder.addFrame(rgba, width, height, { delay });
  }
  const gif = encoder.finish();
  return loop ? gif : withoutLoop(gif);
}

function checkFrame(frame: RasterImage, index: number, first: RasterImage): void {
  const { width, height, rgba } = frame;
  const size = `${width}×${height}`;
  const fail = (problem: string): never => {
    throw new RangeError(`encodeAnimation: frame ${index} ${problem}.`);
  };
  if (width !== first.width || height !== first.height) {
    fail(`is ${size}, but the first is ${first.width}×${first.height}`);
  }
  if (width < 1 || height < 1 || width > LONGEST_SIDE || height > LONGEST_SIDE) {
    fail(`is ${size}; a GIF's sides are 1 … ${LONGEST_SIDE}`);
  }
  if (rgba.length !== width * height * 4) {
    fail(`is ${size}, which takes ${width * height * 4} bytes of RGBA, and has ${rgba.length}`);
  }
  for (let i = 3; i < rgba.length; i += 4) {
    if (rgba[i] !== 255) fail('is not opaque throughout');
  }
}

/** Rounds to what GIF can say; still milliseconds. */
function hundredths(what: string, delayMs: number): number {
  if (!(delayMs >= SHORTEST_MS && delayMs <= LONGEST_MS)) {
    throw new RangeError(`encodeAnimation: ${what} must be ${SHORTEST_MS} … ${LONGEST_MS}, got ${delayMs}.`);
  }
  return Math.round(delayMs / 10) * 10;
}

/** No count of loops means "once": a count of 1 makes browsers play twice. */
function withoutLoop(gif: Buffer): Uint8Array {
  const start = gif.indexOf(LOOP_EXTENSION);
  if (start < 0) throw new Error('encodeAnimation: the encoder has written no loop extension to take out');
  return Buffer.concat([gif.subarray(0, start), gif.subarray(start + LOOP_EXTENSION.length)]);
}
