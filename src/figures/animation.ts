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
  /** Is called before each frame is encoded. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** Browsers take a shorter delay for a mistake, and wait 100 ms. */
const SHORTEST_MS = 20;
const LONGEST_MS = 655_350;
/** GIF stores sides in 16 bits. */
const LONGEST_SIDE = 65_535;

/** Signature, sides, three bytes more, and the palette for all frames, of two colours, that the encoder writes. */
const HEADER_BYTES = 13 + 6;

/** The extension that makes browsers loop, here with a count of 0: for ever. */
const LOOP_EXTENSION = Buffer.from('21ff0b4e45545343415045322e300301000000', 'hex');

const TRAILER = 0x3b;

/**
 * Encodes frames as a GIF, all at once (only tests do; commands write {@link animationPieces}). A frame with at most 256 colours, as every grey one, is kept exactly; of others, the 256
 * colours are chosen that suit the frame best.
 *
 * @throws RangeError without frames, where they differ in size, are not opaque or do not have `width · height · 4`
 *   bytes, and for a delay out of range
 */
export function encodeAnimation(frames: Iterable<RasterImage>, options: AnimationOptions): Uint8Array {
  return Buffer.concat([...animationPieces(frames, options)]);
}

/**
 * The same bytes in pieces, one for each frame. At most two frames are in memory, however many there are, where `frames`
 * makes them on request.
 *
 * @throws as {@link encodeAnimation}, when the frame in question is asked for
 */
export function* animationPieces(frames: Iterable<RasterImage>, options: AnimationOptions): Generator<Uint8Array> {
  const delayMs = hundredths('delayMs', options.delayMs);
  const lastDelayMs = hundredths('lastDelayMs', options.lastDelayMs);
  let first: Pick<RasterImage, 'width' | 'height'> | undefined;
  let before: RasterImage | undefined;
  let index = 0;
  for (const frame of frames) {
    // The encoder ends the process, not the call, where sizes are wrong.
    checkFrame(frame, index++, first ?? frame);
    first ??= { width: frame.width, height: frame.height };
    if (before !== undefined) yield* framePieces(before, delayMs, index === 2, options.loop);
    before = frame;
  }
  if (before === undefined) throw new RangeError('encodeAnimation: there are no frames.');
  yield* framePieces(before, lastDelayMs, index === 1, options.loop);
  yield Uint8Array.of(TRAILER);
}

/**
 * A frame, after what a GIF begins with where it is the first. Each is encoded as a GIF of its own and cut out of it: the
 * encoder keeps all frames of one GIF until its end. Frames do not depend on each other, and have palettes of their own.
 */
function* framePieces(
  { rgba, width, height }: RasterImage,
  delay: number,
  isFirst: boolean,
  loop: boolean,
): Generator<Uint8Array> {
  const encoder = new GifEncoder(width, height, { repeat: 0, quality: 1 });
  encoder.addFrame(rgba, width, height, { delay });
  const gif = encoder.finish();
  const start = HEADER_BYTES + LOOP_EXTENSION.length;
  if (!gif.subarray(HEADER_BYTES, start).equals(LOOP_EXTENSION) || gif.at(-1) !== TRAILER) {
    throw new Error('encodeAnimation: the encoder has written no GIF of one frame that loops');
  }
  // No count of loops means "once": a count of 1 makes browsers play twice.
  if (isFirst) yield gif.subarray(0, loop ? start : HEADER_BYTES);
  yield gif.subarray(start, -1);
}

function checkFrame(frame: RasterImage, index: number, first: Pick<RasterImage, 'width' | 'height'>): void {
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
