/**
 * @file The tiles that can compute a product on a device, and the one to take where nothing was measured.
 */
import type { Device } from '../../gpu/device.js';
import { TEXEL_ROW } from '../../gpu/memory/textures.js';
import type { GemmProblem } from './problem.js';

/** A way of computing a product. */
export interface Tile {
  readonly name: string;
  readonly file: 'subgroup' | 'subgroupColumns' | 'register' | 'workgroup' | 'direct';
  readonly constants: Readonly<Record<string, number>>;
  /** Reads both matrices from textures. */
  readonly texels: boolean;
  /** Rows and columns of C that one workgroup owns. */
  readonly rows: number;
  readonly columns: number;
}

/** Rows a subgroup may own, the likely best first: 32 rows are 128 registers a lane, and slow to compile. */
const SUBGROUP_ROWS = { subgroup: [16, 32, 8], subgroupColumns: [32, 16, 8] } as const;

const SMALLEST_ROWS = 8;
const HIGHEST_ROWS = 32;

/** Multiply-adds for each number of A from which texels are measured. */
const LEAST_USES = 64;

/** `lanesM` × `lanesN` lanes, each with 8 rows and `laneVectors` vec4s of columns. */
function workgroupTile(lanesM: number, lanesN: number, laneVectors: number): Tile {
  const [rows, columns] = [8 * lanesM, 4 * lanesN * laneVectors];
  return {
    name: `workgroup-${rows}x${columns}`,
    file: 'workgroup',
    constants: { LANES_M: lanesM, LANES_N: lanesN, LANE_VECTORS: laneVectors },
    texels: false,
    rows,
    columns,
  };
}

/** The smallest needs the least workgroup memory, and fills a GPU even with the products of one layer. */
const SMALL_WORKGROUP = workgroupTile(8, 8, 1);

const WORKGROUP_TILES = [SMALL_WORKGROUP, workgroupTile(8, 8, 2), workgroupTile(16, 16, 1), workgroupTile(16, 16, 2)];

/** A subgroup's shape, and how many of its lanes stand side by side along the columns; the others are further rows. */
interface SubgroupShape {
  readonly file: 'subgroup' | 'subgroupColumns';
  /** Of a lane. */
  readonly rows: number;
  readonly lanes: number;
  readonly columnLanes: number;
}

function subgroupTile({ file, rows, lanes, columnLanes }: SubgroupShape): Tile {
  const groups = lanes / columnLanes;
  return {
    name: `${file}-${groups * rows}${groups === 1 ? '' : `x${4 * columnLanes}`}`,
    file,
    constants: { ROWS: rows, BLOCK_ROWS: Math.min(rows, 16), LANES: lanes, COLUMN_LANES: columnLanes, STEPS: 1 },
    texels: false,
    rows: groups * rows,
    columns: 4 * columnLanes,
  };
}

/** The subgroup's tile over textures: there a read is short enough in code for two steps in a round. */
function texelTile(shape: SubgroupShape, steps: number): Tile {
  const tile = subgroupTile(shape);
  return { ...tile, name: `texel-${tile.name}`, constants: { ...tile.constants, STEPS: steps }, texels: true };
}

/** Whether the device reads texels, and both matrices fit into textures of the size that every device has. */
function fitsTexels({ texels, columns, factors: [a] }: GemmProblem, device: Device, lanes: number): boolean {
  if (texels === undefined || !device.readsTextures) return false;
  const most = TEXEL_ROW * device.handle.limits.maxTextureDimension2D;
  const panels = Math.ceil(columns / (4 * lanes));
  return a.size / 16 <= most && panels * (texels.rows + 7) * lanes <= most;
}

function registerTile(rows: number, lanes: number): Tile {
  const constants = { ROWS: rows, LANES_N: lanes };
  return {
    name: `register-${rows}x${lanes}`,
    file: 'register',
    constants,
    texels: false,
    rows: (rows * 64) / lanes,
    columns: 4 * lanes,
  };
}

function directTile(pixels: number, columns: number): Tile {
  const constants = { PIXELS: pixels, COLUMNS: columns };
  return { name: `direct-${pixels}`, file: 'direct', constants, texels: false, rows: 64 * pixels, columns };
}

/** All tiles that can compute the problem on the device, the likely best first. */
export function tilesFor(problem: GemmProblem, device: Device): Tile[] {
  const lanes = device.subgroupSize;
  const direct = problem.columns <= 4 ? [directTile(4, problem.columns), directTile(1, problem.columns)] : [];
  const subgroup = lanes === undefined ? [] : subgroupTiles(problem, device, lanes);
  const register = [registerTile(8, 8), registerTile(4, 16)];
  const tiles = [...direct, ...subgroup];
  return device.adapter.software
    ? [...tiles, ...register, ...WORKGROUP_TILES]
    : [...direct, ...WORKGROUP_TILES, ...subgroup, ...register];
}

function subgroupTiles(problem: GemmProblem, device: Device, lanes: number): Tile[] {
  const files = [...(problem.adjacentRows ? (['subgroupColumns'] as const) : []), 'subgroup' as const];
  return files.flatMap((file) => {
    return columnLanesFor(file, problem, lanes).flatMap((columnLanes) => {
      const steps = fitsTexels(problem, device, columnLanes) ? problem.texels?.steps : undefined;
      const shapes = SUBGROUP_ROWS[file]
        .filter((rows) => rows % columnLanes === 0)
        .map((rows) => ({ file, rows, lanes, columnLanes }));
      const preferred = file === files[0] && steps !== undefined ? shapes.filter(({ rows }) => rows >= 16) : [];
      return [...preferred.map((shape) => texelTile(shape, steps ?? 1)), ...shapes.map(subgroupTile)];
    });
  });
}

/** Lanes along the columns, the likely best first: with all of them side by side half of a narrow tile would be empty. */
function columnLanesFor(file: SubgroupShape['file'], { columns }: GemmProblem, lanes: number): number[] {
  const isNarrow = file === 'subgroup' && lanes % 2 === 0 && columns <= 2 * lanes;
  return isNarrow ? [lanes / 2, lanes] : [lanes];
}

/**
 * The tiles worth measuring: those whose rows and columns are not mostly empty, and on a software device none that it is
 * known to be slow with.
 */
export function candidates(problem: GemmProblem, device: Device): Tile[] {
  const all = tilesFor(problem, device);
  const usesSubgroups = (tile: Tile): boolean => tile.file.startsWith('subgroup');
  const sized = all.filter((tile) => {
    if (tile.texels) return paysTexels(tile, problem);
    if (usesSubgroups(tile)) return fitsRows(tile, problem);
    return tile === SMALL_WORKGROUP || tile.file !== 'workgroup' || isFilled(tile, problem);
  });
  if (!device.adapter.software || !all.some(usesSubgroups)) return sized;
  // Known here: lanes alone and workgroup memory are slower, and so is reading by rows what is stored by columns.
  const known = sized.filter((tile) => {
    return tile.file === 'direct' || tile.file === (problem.adjacentRows ? 'subgroupColumns' : 'subgroup');
  });
  return known.length > 0 ? known : sized;
}

/** Carrying a matrix over into texels pays where each of its numbers is then read often enough. */
function paysTexels(tile: Tile, { rows, multiplyAdds, factors: [a] }: GemmProblem): boolean {
  return tile.constants.ROWS === HIGHEST_ROWS && rows >= 4 * tile.rows && multiplyAdds >= LEAST_USES * (a.size / 4);
}

/** A large tile is for products that have several of them in each direction. */
function isFilled(tile: Tile, { rows, columns }: GemmProblem): boolean {
  return rows >= 2 * tile.rows && columns >= tile.columns;
}

/** Not mostly empty, nor so low that more reads than need be serve its products. */
function fitsRows(tile: Tile, problem: GemmProblem): boolean {
  return tile.rows === SMALLEST_ROWS ? problem.rows <= 2 * SMALLEST_ROWS : tile.rows < 2 * problem.rows;
}

/** The choice without measuring (`--no-tune`). */
export function fixedTile(problem: GemmProblem, device: Device): Tile {
  const [first] = candidates(problem, device);
  return first ?? SMALL_WORKGROUP;
}

/** The tile with the least code, which a driver compiles fastest: for products that run a few times. */
export function smallestTile(problem: GemmProblem, device: Device): Tile {
  const likely = fixedTile(problem, device);
  const alike = tilesFor(problem, device).filter(({ file, texels }) => file === likely.file && !texels);
  const [first = likely, ...others] = alike;
  return others.reduce((least, tile) => (tile.rows * tile.columns < least.rows * least.columns ? tile : least), first);
}
