/**
 * @file A product to be computed, whatever tile computes it: the operand file that reads the matrices, its constants,
 * buffers and uniform. Every convolution and every matrix product of the engine is one of two operands.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Params } from '../../gpu/params.js';
import { activationCode, activationSlope } from '../activation.js';
import type { FusedActivation } from '../options.js';

/** `quotient` in `shaders/gemm/quotient.wgsl` divides numbers below this by way of floats; its header derives the range. */
export const QUOTIENT_END = 1_677_722;

/** Most taps or pixels that are counted below it: a round of a tile's inner loop begins below and takes up to 8. */
const MOST_FOR_QUOTIENT = QUOTIENT_END - 8;

/** One product, ready to be given to a tile. */
export interface GemmProblem {
  /** The operation and its shapes, for errors, profiles and the tuning cache. */
  readonly name: string;
  readonly operand: 'patches' | 'weightGradient';
  readonly constants: Readonly<Record<string, number | boolean>>;
  /** A, B, and the bias where the operand takes one. */
  readonly factors: readonly [DeviceBuffer, DeviceBuffer, ...DeviceBuffer[]];
  readonly output: DeviceBuffer;
  readonly params: Params;
  /** Rows and columns of C in one phase, and how many phases there are. */
  readonly rows: number;
  readonly columns: number;
  readonly phases: number;
  /** Parts of the inner loop that are summed apart; each is a phase. */
  readonly parts: number;
  /** Four rows of A that begin at a multiple of 4 lie side by side in memory. */
  readonly adjacentRows: boolean;
  /** How the problem can be read from texels, which takes whole vec4s of A; undefined where it cannot. */
  readonly texels: TexelShape | undefined;
  /** Elements of C in all. */
  readonly outputCount: number;
  /** Multiply-adds, products with padding included. */
  readonly multiplyAdds: number;
  /** One element of C in float64, straight from the definition, to check a tile's result against. */
  readonly element: (a: Float32Array, b: Float32Array, index: number) => number;
}

/** What it takes to carry a problem's matrices over into texels; see `shaders/gemm/pack/`. */
export interface TexelShape {
  /** Rows of B, and how many of them, a tap's, lie together. */
  readonly rows: number;
  readonly depth: number;
  readonly byColumn: boolean;
  /** How many of four k a round of a tile's inner loop may take: 1 or 2. */
  readonly steps: number;
  /** Constants of the operand that are others there. */
  readonly constants: Readonly<Record<string, boolean>>;
}

/** A window that slides over a source image, and the output's (or its gradient's) pixels that it visits. */
interface WindowShape {
  readonly images: number;
  readonly sourceHeight: number;
  readonly sourceWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  /** Channels of the output. */
  readonly columns: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly top: number;
  readonly left: number;
}

/** Geometry of the `patches` operand; see `shaders/gemm/operands/patches.wgsl`. */
export interface PatchesShape extends WindowShape {
  /** Channels of the source. */
  readonly depth: number;
  /** Rows of the weights for a tap, where the source's channels are filled up with zeros; else the depth. */
  readonly weightRows?: number;
  readonly transposed: boolean;
  readonly weightsByColumn: boolean;
}

export interface PatchesBuffers {
  readonly source: DeviceBuffer;
  readonly weights: DeviceBuffer;
  readonly bias?: DeviceBuffer | undefined;
  readonly output: DeviceBuffer;
}

function strideName({ strideY, strideX }: WindowShape): string {
  return strideY === strideX ? strideY.toString() : `${strideY}×${strideX}`;
}

/**
 * conv2d, convTranspose2d and matmul: patches of an image times weights.
 *
 * @param name by which the tuner knows the problem, if it is not to be made of the shapes.
 */
export function patchesProblem(
  op: string,
  shape: PatchesShape,
  buffers: PatchesBuffers,
  activation: FusedActivation,
  name?: string,
): GemmProblem {
  const { images, depth, columns, outputHeight, outputWidth, kernelHeight, kernelWidth, strideY, strideX } = shape;
  // A stride beyond the output has phases without pixels, which are left out.
  const phases = shape.transposed ? Math.min(strideY, outputHeight) * Math.min(strideX, outputWidth) : 1;
  const gridHeight = shape.transposed ? Math.ceil(outputHeight / strideY) : outputHeight;
  const gridWidth = shape.transposed ? Math.ceil(outputWidth / strideX) : outputWidth;
  const rows = images * gridHeight * gridWidth;
  const taps = kernelHeight * kernelWidth;
  const { weightRows = depth } = shape;
  const weightsByColumn = shape.weightsByColumn || columns === 1;
  const source = `${images}×${shape.sourceHeight}×${shape.sourceWidth}×${depth}`;
  const window = `${kernelHeight}×${kernelWidth}/${strideName(shape)}`;
  return {
    name: name ?? `${op} ${source} → ${outputHeight}×${outputWidth}×${columns}, ${window}`,
    operand: 'patches',
    constants: {
      TRANSPOSED: shape.transposed,
      PADDED: mayLeaveSource(shape),
      WEIGHTS_BY_COLUMN: weightsByColumn,
      VECTOR_K: depth % 4 === 0,
      WHOLE_ROWS: depth % 4 === 0 && weightRows === depth,
      VECTOR_N: columns % 4 === 0,
      ONE_COLUMN: columns === 1,
      HAS_BIAS: buffers.bias !== undefined,
      ACTIVATION: activationCode(activation),
      INTEGER_QUOTIENT: taps > MOST_FOR_QUOTIENT,
    },
    // Any buffer takes the bias's place where there is none.
    factors: [buffers.source, buffers.weights, buffers.bias ?? buffers.weights],
    output: buffers.output,
    params: {
      rows,
      columns,
      depth,
      weightRows,
      gridHeight,
      gridWidth,
      sourceHeight: shape.sourceHeight,
      sourceWidth: shape.sourceWidth,
      outputHeight,
      outputWidth,
      kernelHeight,
      kernelWidth,
      strideY,
      strideX,
      top: shape.top,
      left: shape.left,
      slope: activationSlope(activation),
    },
    rows,
    columns,
    phases,
    parts: 1,
    adjacentRows: false,
    texels:
      depth % 4 === 0
        ? {
            rows: taps * weightRows,
            depth: weightRows,
            byColumn: weightsByColumn,
            steps: depth % 8 === 0 ? 2 : 1,
            constants: {},
          }
        : undefined,
    outputCount: images * outputHeight * outputWidth * columns,
    multiplyAdds:
      images *
      columns *
      weightRows *
      taps *
      (shape.transposed ? shape.sourceHeight * shape.sourceWidth : outputHeight * outputWidth),
    element: (a, b, index) => patchesElement(shape, a, b, index),
  };
}

/** Whether a window reaches beyond the source; a transposed one is not looked at closely. */
function mayLeaveSource(shape: PatchesShape): boolean {
  const { transposed, top, left, kernelHeight, kernelWidth, outputHeight, outputWidth, strideY, strideX } = shape;
  return (
    transposed ||
    top > 0 ||
    left > 0 ||
    (outputHeight - 1) * strideY + kernelHeight > shape.sourceHeight ||
    (outputWidth - 1) * strideX + kernelWidth > shape.sourceWidth
  );
}

function patchesElement(shape: PatchesShape, a: Float32Array, b: Float32Array, index: number): number {
  const { depth, columns, weightRows = depth } = shape;
  const column = index % columns;
  const pixel = Math.floor(index / columns);
  const x = pixel % shape.outputWidth;
  const y = Math.floor(pixel / shape.outputWidth) % shape.outputHeight;
  const image = Math.floor(pixel / shape.outputWidth / shape.outputHeight);
  let sum = 0;
  for (let kernelY = 0; kernelY < shape.kernelHeight; kernelY++) {
    for (let kernelX = 0; kernelX < shape.kernelWidth; kernelX++) {
      const offsetY = shape.transposed
        ? (y + shape.top - kernelY) / shape.strideY
        : y * shape.strideY - shape.top + kernelY;
      const offsetX = shape.transposed
        ? (x + shape.left - kernelX) / shape.strideX
        : x * shape.strideX - shape.left + kernelX;
      if (!Number.isInteger(offsetY) || offsetY < 0 || offsetY >= shape.sourceHeight) continue;
      if (!Number.isInteger(offsetX) || offsetX < 0 || offsetX >= shape.sourceWidth) continue;
      const source = ((image * shape.sourceHeight + offsetY) * shape.sourceWidth + offsetX) * depth;
      const tap = (kernelY * shape.kernelWidth + kernelX) * weightRows * columns;
      for (let k = 0; k < weightRows; k++) {
        const weight = shape.weightsByColumn ? column * weightRows + k : k * columns + column;
        sum += (a[source + k] ?? NaN) * (b[tap + weight] ?? NaN);
      }
    }
  }
  return sum;
}

/** Geometry of the `weightGradient` operand; see `shaders/gemm/operands/weightGradient.wgsl`. */
export interface WeightGradientShape extends WindowShape {
  /** Channels of the source. */
  readonly channels: number;
  /** Rows of C, where the source's channels are filled up; else taps times channels. */
  readonly rows?: number;
}

/**
 * A convolution's gradient by its weights, and transpose(A) × B.
 *
 * @param mostParts into which the inner loop is cut; see {@link partsFor}.
 */
export function weightGradientProblem(
  op: string,
  shape: WeightGradientShape,
  buffers: { readonly source: DeviceBuffer; readonly gradient: DeviceBuffer; readonly output: DeviceBuffer },
  mostParts: number,
  name?: string,
): GemmProblem {
  const { images, channels, columns, outputHeight, outputWidth, kernelHeight, kernelWidth } = shape;
  const { rows = kernelHeight * kernelWidth * channels } = shape;
  const pixels = images * outputHeight * outputWidth;
  const pixelsInPart = mostParts === 1 ? pixels : 8 * Math.ceil(pixels / mostParts / 8);
  const parts = Math.ceil(pixels / pixelsInPart);
  const source = `${images}×${shape.sourceHeight}×${shape.sourceWidth}×${channels}`;
  const window = `${kernelHeight}×${kernelWidth}/${strideName(shape)}`;
  const whole = name ?? `${op} ${source} · ${outputHeight}×${outputWidth}×${columns}, ${window}`;
  return {
    name: parts === 1 ? whole : `${whole}, in ${parts} parts`,
    operand: 'weightGradient',
    constants: {
      VECTOR_K: pixels % 4 === 0,
      VECTOR_N: columns % 4 === 0,
      INTEGER_QUOTIENT: pixels > MOST_FOR_QUOTIENT,
    },
    factors: [buffers.source, buffers.gradient],
    output: buffers.output,
    params: {
      rows,
      columns,
      channels,
      pixels,
      sourceHeight: shape.sourceHeight,
      sourceWidth: shape.sourceWidth,
      outputHeight,
      outputWidth,
      kernelWidth,
      strideY: shape.strideY,
      strideX: shape.strideX,
      top: shape.top,
      left: shape.left,
      parts,
      pixelsInPart,
    },
    rows,
    columns,
    phases: parts,
    parts,
    adjacentRows: channels % 4 === 0,
    texels:
      channels % 4 === 0
        ? { rows: pixels, depth: pixels, byColumn: false, steps: 2, constants: { VECTOR_K: pixels % 8 === 0 } }
        : undefined,
    outputCount: rows * columns,
    multiplyAdds: rows * columns * pixels,
    element: (a, b, index) => weightGradientElement(shape, a, b, index),
  };
}

/** Elements of C that one workgroup computes, roughly, and the fewest pixels that are worth a part. */
const WORKGROUP_ELEMENTS = 2048;
const LEAST_IN_PART = 256;

/**
 * Into how many parts to cut a weight gradient of `rows × columns` elements over so many pixels, so that `workgroups`
 * workgroups have work. It depends on the device and not on the tile, so that all tiles sum in one order.
 */
export function partsFor(workgroups: number, elements: number, pixels: number): number {
  const wanted = Math.floor(workgroups / Math.ceil(elements / WORKGROUP_ELEMENTS));
  return Math.max(1, Math.min(wanted, Math.floor(pixels / LEAST_IN_PART)));
}

function weightGradientElement(shape: WeightGradientShape, a: Float32Array, b: Float32Array, index: number): number {
  const { channels, columns } = shape;
  const column = index % columns;
  const channel = Math.floor(index / columns) % channels;
  const tap = Math.floor(index / columns / channels);
  const kernelX = tap % shape.kernelWidth;
  const kernelY = Math.floor(tap / shape.kernelWidth);
  let sum = 0;
  for (let image = 0; image < shape.images; image++) {
    for (let y = 0; y < shape.outputHeight; y++) {
      const sourceY = y * shape.strideY - shape.top + kernelY;
      if (sourceY < 0 || sourceY >= shape.sourceHeight) continue;
      for (let x = 0; x < shape.outputWidth; x++) {
        const sourceX = x * shape.strideX - shape.left + kernelX;
        if (sourceX < 0 || sourceX >= shape.sourceWidth) continue;
        const source = ((image * shape.sourceHeight + sourceY) * shape.sourceWidth + sourceX) * channels + channel;
        const pixel = (image * shape.outputHeight + y) * shape.outputWidth + x;
        sum += (a[source] ?? NaN) * (b[pixel * columns + column] ?? NaN);
      }
    }
  }
  return sum;
}
