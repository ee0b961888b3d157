/**
 * @file Computing a product by a tile: one dispatch, and before it, where the tile reads texels, what fills them.
 */
import { foldedWorkgroups, linearWorkgroups, MOST_WORKGROUPS } from '../../gpu/commands.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import type { Kernel } from '../../gpu/pipelines.js';
import type { DeviceMemory, DeviceTexture } from '../../gpu/memory/textures.js';
import { ACTIVATION_FILES } from '../activation.js';
import { QUOTIENT_END, type GemmProblem, type TexelShape } from './problem.js';
import type { Tile } from './tiles.js';

const RIGHT = { patches: 'weights', weightGradient: 'gradientRows' } as const;

interface ProductGrid {
  readonly workgroups: readonly [number, number, number];
  /** The file in `shaders/gemm/grid/` that finds a workgroup's tile in it, and its constants. */
  readonly file: 'plain' | 'folded';
  readonly constants: Readonly<Record<string, number>>;
}

/** A tile a workgroup. Only a grid that has to fold pays for folding: the others are `[across, down]` as they are. */
function productGrid(problem: GemmProblem, tile: Tile, most: number): ProductGrid {
  const across = Math.ceil(problem.columns / tile.columns) * problem.phases;
  const down = Math.ceil(problem.rows / tile.rows);
  if (Math.max(across, down) <= most) return { workgroups: [across, down, 1], file: 'plain', constants: {} };
  const workgroups = foldedWorkgroups(across * down, most);
  return { workgroups, file: 'folded', constants: { TILES_ACROSS: across, GRID_WIDTH: workgroups[0] } };
}

/** The kernel by which a tile computes the problem. @param most workgroups along an axis of the grid; tests take few. */
export function productKernel(problem: GemmProblem, tile: Tile, most = MOST_WORKGROUPS): Kernel {
  const { operand } = problem;
  const usesSubgroups = tile.file.startsWith('subgroup');
  const grid = productGrid(problem, tile, most);
  return {
    name: `${problem.name} [${tile.name}]`,
    files: [
      ...(operand === 'patches' ? ACTIVATION_FILES : []),
      `gemm/grid/${grid.file}.wgsl`,
      'gemm/quotient.wgsl',
      `gemm/memory/${tile.texels ? 'texels' : 'buffers'}.wgsl`,
      `gemm/operands/${operand}.wgsl`,
      `gemm/operands/${tile.texels ? 'panels' : RIGHT[operand]}.wgsl`,
      'gemm/store.wgsl',
      ...(tile.file === 'direct' ? [] : ['gemm/multiplyAdd.wgsl']),
      ...(usesSubgroups ? ['gemm/sums.wgsl'] : []),
      `gemm/tiles/${tile.file}.wgsl`,
    ],
    constants: {
      ...problem.constants,
      ...(tile.texels ? problem.texels?.constants : {}),
      ...tile.constants,
      ...grid.constants,
    },
    subgroups: usesSubgroups,
  };
}

/** Workgroups of the product alone. */
export function productWorkgroups(
  problem: GemmProblem,
  tile: Tile,
  most = MOST_WORKGROUPS,
): readonly [number, number, number] {
  return productGrid(problem, tile, most).workgroups;
}

/** Dispatches the problem. @param most see {@link productKernel} */
export function dispatchProduct(device: Device, problem: GemmProblem, tile: Tile, most = MOST_WORKGROUPS): void {
  const { texels } = problem;
  device.scope(() => {
    const [a, b, ...others] = problem.factors;
    const { output } = problem;
    const packed: readonly DeviceMemory[] =
      tile.texels && texels !== undefined
        ? [
            device.derivedTextures.of(a, 'words', () => packWords(device, a)),
            packPanels(device, b, texels, problem.columns, tile.columns / 4),
            ...others,
          ]
        : problem.factors;
    const target =
      problem.parts === 1 ? output : device.allocate(problem.parts * problem.outputCount * 4, `${output.label} parts`);
    device.dispatch({
      kernel: productKernel(problem, tile, most),
      buffers: [...packed, target],
      params: problem.params,
      workgroups: productWorkgroups(problem, tile, most),
    });
    if (problem.parts > 1) addParts(device, problem, target, output);
  });
}

/** A product cut along its inner loop is put together. */
function addParts(device: Device, problem: GemmProblem, parts: DeviceBuffer, output: DeviceBuffer): void {
  device.dispatch({
    kernel: { name: 'add parts', files: ['common/linear.wgsl', 'gemm/parts.wgsl'] },
    buffers: [parts, output],
    params: { partCount: problem.parts, count: problem.outputCount },
    workgroups: device.linearWorkgroups(problem.outputCount),
  });
}

/** A buffer as it lies, in texels. */
function packWords(device: Device, source: DeviceBuffer): DeviceTexture {
  const words = source.size / 16;
  const texels = device.allocateTexture(words, `${source.label} as texels`);
  device.dispatch({
    kernel: { name: 'pack words', files: ['common/linear.wgsl', 'gemm/pack/words.wgsl'] },
    buffers: [source, texels],
    params: { count: words },
    // Not few that loop: lavapipe writes 100,000 texels in 0.7 ms one by one, in 1.3 ms with a long stride between them.
    workgroups: linearWorkgroups(words),
  });
  return texels;
}

/** The right matrix in panels of `4 · lanes` columns. */
function packPanels(
  device: Device,
  source: DeviceBuffer,
  { rows, depth, byColumn }: TexelShape,
  columns: number,
  lanes: number,
): DeviceTexture {
  const blocks = Math.ceil(rows / 8) * 2;
  const count = Math.ceil(columns / (4 * lanes)) * blocks * lanes;
  const texels = device.allocateTexture(4 * count, `${source.label} in panels`);
  device.dispatch({
    kernel: {
      name: 'pack panels',
      files: ['common/linear.wgsl', 'gemm/quotient.wgsl', 'gemm/pack/panels.wgsl'],
      constants: {
        BY_COLUMN: byColumn,
        VECTOR_N: columns % 4 === 0,
        COLUMN_LANES: lanes,
        // Rows, filled up to whole blocks, and blocks stay below.
        INTEGER_QUOTIENT: 4 * count >= QUOTIENT_END,
      },
    },
    buffers: [source, texels],
    params: { rows, depth, columns, blocks, count },
    workgroups: device.linearWorkgroups(count),
  });
  return texels;
}
