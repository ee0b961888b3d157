/**
 * @file Checks a PNG before it is decoded: sizes, the order and checksums of its chunks, and that its image data unpack
 * to exactly what the header implies. What is left for the decoder is a file of the chunks that pixels depend on, so it
 * neither allocates nor unpacks more than was checked here.
 *
 * Source: https://www.w3.org/TR/png-3/ (sections 5, 8, 10 and 11).
 */
import { crc32, inflateSync } from 'node:zlib';

/** Of a picture that is decoded. */
const MOST_PIXELS = 2 ** 24;

/** Encoders write some KiB in each. */
const MOST_CHUNKS = 100_000;

/** The first bytes of every PNG. */
export const PNG_SIGNATURE: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Length, type and checksum of a chunk. */
const [LENGTH_BYTES, TYPE_BYTES, CHECKSUM_BYTES] = [4, 4, 4];
const HEADER_BYTES = 13;

/** By the colour type: samples a pixel, and bits a sample that there may be. */
const COLOUR_TYPES: ReadonlyMap<number, { readonly samples: number; readonly depths: readonly number[] }> = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);
const [RGB, PALETTE] = [2, 3];

/** The seven passes of Adam7: the first column and row of each, and the steps to the next. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** The chunk with length, type and checksum. */
  readonly whole: Uint8Array;
  readonly checksum: number;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly samples: number;
  readonly isInterlaced: boolean;
}

/**
 * The part of a PNG that its pixels depend on. Further chunks are left out, and so is what comes after the end, which
 * cameras and recovery tools write.
 *
 * @returns a PNG of IHDR, PLTE, tRNS, IDAT and IEND
 * @throws Error saying what is wrong with the file
 */
export function essentialPng(bytes: Uint8Array): Buffer {
  if (!PNG_SIGNATURE.every((byte, at) => bytes[at] === byte)) throw new Error('it does not start as a PNG');
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  let hasTransparency = false;
  let isEnded = false;
  let last = '';
  const kept: Uint8Array[] = [];
  const packed: Uint8Array[] = [];
  for (const { type, data, whole, checksum } of chunksOf(bytes)) {
    const before = last;
    last = type;
    if (header === undefined) {
      if (type !== 'IHDR') throw new Error('its first chunk is not IHDR');
      header = headerOf(data);
    } else if (type === 'IHDR') throw new Error('it has a second IHDR');
    else if (type === 'PLTE') {
      if (palette !== undefined) throw new Error('it has a second palette');
      if (packed.length > 0) throw new Error('its palette comes after image data');
      palette = data;
      checkPalette(data, header);
    } else if (type === 'tRNS') {
      if (hasTransparency) throw new Error('it has a second tRNS');
      if (packed.length > 0) throw new Error('its tRNS comes after image data');
      hasTransparency = true;
      if (!isTransparency(data, header, palette)) continue;
    } else if (type === 'IDAT') {
      if (packed.length > 0 && before !== 'IDAT') throw new Error('its image data are not in one piece');
      if (header.colourType === PALETTE && palette === undefined) throw new Error('its palette is missing');
      packed.push(data);
    } else if (type !== 'IEND') {
      // An upper-case first letter: pixels cannot be made without it.
      if (/^[A-Z]/.test(type)) throw new Error(`it has a chunk ${type}, which is not known here`);
      continue;
    }
    if (crc32(whole.subarray(LENGTH_BYTES, -CHECKSUM_BYTES)) !== checksum) {
      throw new Error(`its chunk ${type} is damaged: the checksum differs`);
    }
    kept.push(whole);
    isEnded = type === 'IEND';
    if (isEnded) break;
  }
  if (header === undefined || !isEnded) throw new Error('it is cut short');
  checkData(packed, dataBytes(header));
  return Buffer.concat([Uint8Array.from(PNG_SIGNATURE), ...kept]);
}

function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = PNG_SIGNATURE.length; at + LENGTH_BYTES + TYPE_BYTES + CHECKSUM_BYTES <= bytes.length;) {
    if (++count > MOST_CHUNKS) throw new Error(`it has more than ${MOST_CHUNKS} chunks`);
    const dataStart = at + LENGTH_BYTES + TYPE_BYTES;
    const dataEnd = dataStart + view.getUint32(at);
    const end = dataEnd + CHECKSUM_BYTES;
    const type = String.fromCharCode(...bytes.subarray(at + LENGTH_BYTES, dataStart));
    if (!/^[a-zA-Z]{4}$/.test(type)) throw new Error('one of its chunks has no name');
    if (end > bytes.length) throw new Error(`it is cut short in a chunk ${type}`);
    const [data, whole] = [bytes.subarray(dataStart, dataEnd), bytes.subarray(at, end)];
    yield { type, data, whole, checksum: view.getUint32(dataEnd) };
    at = end;
  }
}

function headerOf(data: Uint8Array): Header {
  if (data.length !== HEADER_BYTES) throw new Error(`its IHDR has ${data.length} bytes, not ${HEADER_BYTES}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, colourType = 0, compression = 0, filter = 0, interlace = 0] = data.subarray(8);
  if (width === 0 || height === 0) throw new Error(`it has ${width} × ${height} pixels`);
  if (width * height > MOST_PIXELS) throw new Error(`${width} × ${height} pixels are too many`);
  const known = COLOUR_TYPES.get(colourType);
  if (known?.depths.includes(depth) !== true) {
    throw new Error(`there is no colour type ${colourType} of ${depth} bits`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) throw new Error('its way of packing is not known');
  return { width, height, depth, colourType, samples: known.samples, isInterlaced: interlace === 1 };
}

function checkPalette(data: Uint8Array, { colourType, depth }: Header): void {
  const colours = data.length / 3;
  const most = colourType === PALETTE ? 2 ** depth : 256;
  if (!Number.isInteger(colours) || colours < 1 || colours > most) {
    throw new Error(`its palette has ${data.length} bytes, not 3 for each of 1 to ${most} colours`);
  }
}

/** Whether a tRNS chunk says anything: not where pixels have an alpha of their own. */
function isTransparency(data: Uint8Array, { colourType }: Header, palette: Uint8Array | undefined): boolean {
  if (colourType > PALETTE) return false;
  const bytes = colourType === PALETTE ? data.length : colourType === RGB ? 6 : 2;
  if (data.length !== bytes || data.length === 0 || (colourType === PALETTE && 3 * bytes > (palette?.length ?? 0))) {
    throw new Error(`its tRNS has ${data.length} bytes, which do not fit its colours`);
  }
  return true;
}

/** Bytes of the image data, a filter's type before each row. */
function dataBytes({ width, height, depth, samples, isInterlaced }: Header): number {
  const ofRows = (columns: number, rows: number): number => {
    return columns === 0 ? 0 : rows * (1 + Math.ceil((columns * samples * depth) / 8));
  };
  if (!isInterlaced) return ofRows(width, height);
  const left = (all: number, first: number, step: number): number => Math.max(0, Math.ceil((all - first) / step));
  return PASSES.reduce((sum, [x, y, dx, dy]) => sum + ofRows(left(width, x, dx), left(height, y, dy)), 0);
}

/** Unpacks the data under a bound, and throws them away: the decoder unpacks them again. */
function checkData(parts: readonly Uint8Array[], expected: number): void {
  let found: number;
  try {
    found = inflateSync(Buffer.concat(parts), { maxOutputLength: expected }).length;
  } catch (cause) {
    const isMore = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(isMore ? `it holds more than the ${expected} bytes of its size` : problem, { cause });
  }
  if (found !== expected) throw new Error(`it holds ${found} bytes of pixels, and its size takes ${expected}`);
}
