/**
 * @file Measured tile choices: of which product, on which adapter, and which of them serves a product without a measurement.
 *
 * The package ships choices of known adapters as data (assets/tuning.json). Bits do not depend on them: all tiles sum in one order.
 */
import type { AdapterSummary } from '../../gpu/adapter.js';
import type { GemmProblem } from './problem.js';

/** A product as the choice of a tile sees it: C = [rows, columns] in all phases, each element a sum of `inner` products. */
interface ProductSize {
  readonly operand: GemmProblem['operand'];
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
}

/** The fastest tile of a product. */
export interface TileChoice extends ProductSize {
  /** Name of the tile. One that no longer exists is ignored. */
  readonly tile: string;
}

/** Choices by the problem's name. */
export type TileChoices = ReadonlyMap<string, TileChoice>;

/** What tells one adapter's choices from another's. */
export type TunedAdapter = Pick<
  AdapterSummary,
  'name' | 'vendor' | 'architecture' | 'driver' | 'subgroupMinSize' | 'subgroupMaxSize'
>;

/** Choices that were measured on an adapter. */
export interface AdapterChoices {
  readonly adapter: TunedAdapter;
  readonly choices: TileChoices;
}

/** Describes a choice, for a store. */
export function choiceOf(problem: GemmProblem, tile: string): TileChoice {
  return { tile, ...productSize(problem) };
}

/** The size of a product. */
export function productSize({ operand, rows, columns, phases, outputCount, multiplyAdds }: GemmProblem): ProductSize {
  return { operand, rows: rows * phases, columns, inner: multiplyAdds / outputCount };
}

/** Octaves of rows, columns and sums together beyond which a measured product says nothing about another. */
const FARTHEST = 8;

/**
 * Finds the tile of the measured product that is nearest to a problem, by the ratios of rows, columns and length of sums.
 *
 * @param names the tiles that suit the problem
 * @returns undefined if none is near
 */
export function nearestTile(
  choices: Iterable<TileChoice>,
  problem: GemmProblem,
  names: ReadonlySet<string>,
): string | undefined {
  const size = productSize(problem);
  let best: string | undefined;
  let least = FARTHEST;
  for (const choice of choices) {
    if (choice.operand !== size.operand || !names.has(choice.tile)) continue;
    const distance =
      octaves(choice.rows, size.rows) + octaves(choice.columns, size.columns) + octaves(choice.inner, size.inner);
    if (distance >= least) continue;
    best = choice.tile;
    least = distance;
  }
  return best;
}

function octaves(a: number, b: number): number {
  return Math.abs(Math.log2(a / b));
}

/**
 * Finds the choices that serve an adapter: its own, else those of the same adapter with another driver, else those of
 * another adapter of the same architecture and subgroup size, as where a browser tells no names.
 */
export function choicesFor(all: readonly AdapterChoices[], adapter: TunedAdapter): TileChoices | undefined {
  const likeness = (other: TunedAdapter): number => {
    if (other.subgroupMinSize !== adapter.subgroupMinSize || other.subgroupMaxSize !== adapter.subgroupMaxSize)
      return 0;
    if (withoutCompiler(other.name) === withoutCompiler(adapter.name)) return other.driver === adapter.driver ? 3 : 2;
    const isLike = other.vendor === adapter.vendor && other.architecture === adapter.architecture;
    return isLike && adapter.architecture !== '' ? 1 : 0;
  };
  const ranked = all.map((each) => ({ ...each, rank: likeness(each.adapter) })).sort((a, b) => b.rank - a.rank);
  const [best] = ranked;
  return best === undefined || best.rank === 0 ? undefined : best.choices;
}

/** A software adapter's name holds the version of its compiler: `llvmpipe-llvm-15-0-6-256-bits`. */
function withoutCompiler(name: string): string {
  return name.toLowerCase().replace(/[ -]*\(?llvm[ -][\d.-]*\d\)?/, '');
}

/**
 * Parses a file of choices, such as `zdim-gan-lab/tuning.json`. What is not of its format is left out.
 *
 * @param json the parsed JSON
 */
export function parseChoices(json: unknown): AdapterChoices[] {
  const adapters = fieldOf(json, 'adapters');
  if (!Array.isArray(adapters)) return [];
  return adapters.flatMap((entry: unknown) => {
    const adapter = parseAdapter(fieldOf(entry, 'adapter'));
    return adapter === undefined ? [] : [{ adapter, choices: parseChoiceMap(fieldOf(entry, 'choices')) }];
  });
}

/** Parses the choices of one adapter: { problem: choice }. */
export function parseChoiceMap(json: unknown): TileChoices {
  if (typeof json !== 'object' || json === null) return new Map();
  return new Map(
    Object.entries(json).flatMap(([problem, choice]) => {
      const parsed = parseChoice(choice);
      return parsed === undefined ? [] : [[problem, parsed] as const];
    }),
  );
}

function parseChoice(json: unknown): TileChoice | undefined {
  const operand = fieldOf(json, 'operand');
  const tile = fieldOf(json, 'tile');
  const [rows, columns, inner] = [fieldOf(json, 'rows'), fieldOf(json, 'columns'), fieldOf(json, 'inner')];
  if (operand !== 'patches' && operand !== 'weightGradient') return undefined;
  if (typeof tile !== 'string' || !isSize(rows) || !isSize(columns) || !isSize(inner)) return undefined;
  return { tile, operand, rows, columns, inner };
}

function parseAdapter(json: unknown): TunedAdapter | undefined {
  const text = (name: string): string | undefined => {
    const value = fieldOf(json, name);
    return typeof value === 'string' ? value : undefined;
  };
  const [name, vendor, architecture, driver] = [text('name'), text('vendor'), text('architecture'), text('driver')];
  const [subgroupMinSize, subgroupMaxSize] = [fieldOf(json, 'subgroupMinSize'), fieldOf(json, 'subgroupMaxSize')];
  if (name === undefined || vendor === undefined || architecture === undefined || driver === undefined)
    return undefined;
  if (typeof subgroupMinSize !== 'number' || typeof subgroupMaxSize !== 'number') return undefined;
  return { name, vendor, architecture, driver, subgroupMinSize, subgroupMaxSize };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

function fieldOf(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null) return undefined;
  return Object.entries(json).find(([key]) => key === name)?.[1];
}
