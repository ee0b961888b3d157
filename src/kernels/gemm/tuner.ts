/**
 * @file Picks tiles by measuring. Each candidate's result is checked before it is timed; choices are stored by adapter and
 * driver.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { GpuError, ShaderError } from '../../gpu/errors.js';
import type { Plan } from '../../gpu/plan/plan.js';
import { noise } from './noise.js';
import type { GemmProblem } from './problem.js';
import { dispatchProduct, productKernel } from './dispatch.js';
import { ProductCheck } from './tolerance.js';
import { choiceOf, nearestTile, type TileChoice, type TileChoices } from './choices.js';
import { candidates, fixedTile, smallestTile, tilesFor, type Tile } from './tiles.js';

/** Stores choices between runs: the host in a file, a browser in its local storage. */
export interface TuningStore {
  load(adapter: string): TileChoices;
  save(adapter: string, choices: TileChoices): void;
}

/** Reports that tiles are measured: how many problems are done, and which one is next. */
export type TuningProgress = (done: number, total: number, problem: string) => void;

/** Options of {@link Tuner}. */
export interface TunerOptions {
  /** Whether to measure what neither the store nor {@link known} has. False if absent. */
  readonly measure?: boolean;
  /**
   * Choices that were measured before on such an adapter, as the package ships them. With them nothing is measured: a product
   * that they do not have takes the tile of the nearest one that they have.
   */
  readonly known?: TileChoices | undefined;
  readonly store?: TuningStore;
  /** Time limit of measuring in milliseconds; a minute if absent. The remaining problems get fixed choices. */
  readonly budgetMs?: number;
  /** Called before each problem is measured, unless {@link Tuner.tune} gets its own callback. */
  readonly progress?: TuningProgress | undefined;
  /** Called when measuring ends or fails. */
  readonly ended?: () => void;
  /** Name of a tile to take for every problem that it fits. For tests and benchmarks. */
  readonly force?: string;
  /** Measures all tiles that can compute a problem instead of the likely ones, which takes several times as long. Default: false. */
  readonly exhaustive?: boolean;
  /** Called with each problem for which tiles were compared, and their least times in milliseconds, the fastest first. */
  readonly measured?: (problem: GemmProblem, times: ReadonlyMap<string, number>) => void;
}

/** A tile that computes the problem correctly. */
interface Runner {
  readonly tile: Tile;
  readonly plan: Plan<void>;
  /** Milliseconds of each run. */
  readonly times: number[];
}

/** This project's networks are tuned in seconds; large images or a slow compiler can take much longer. */
const TUNING_BUDGET_MS = 60_000;

/** Runs of each tile; up to the second number while the fastest two are not told apart. */
const [ROUNDS, MOST_ROUNDS] = [9, 27];

/** Tiles within this factor of the fastest are not told apart by times that vary more. */
const CLOSE = 1.1;

/** A tile slower than the fastest by this factor is not run again. */
const HOPELESS = 1.5;

/** Checked elements of a candidate's result, spread over the output. */
const SAMPLES = 96;

/** Multiply-adds below which a product that runs seldom takes less time on any tile than the driver does to compile a large one. */
const SMALL = 1e8;

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** The choice of a tile for each problem. Unknown problems get an estimate and are noted until {@link tune} runs. */
export class Tuner {
  private readonly choices: Map<string, TileChoice>;
  private readonly unknown = new Map<string, GemmProblem>();
  private readonly used = new Map<string, string>();
  private spentMs = 0;
  private isSeldom = false;

  constructor(
    private readonly device: Device,
    private readonly options: TunerOptions = {},
  ) {
    const { measure = false, store } = options;
    this.choices = new Map(measure ? store?.load(device.adapter.key) : []);
  }

  /** Problem → tile, as measured so far. */
  get chosen(): TileChoices {
    return this.choices;
  }

  /** Problems seen for which nothing is measured yet. */
  get pending(): number {
    return this.unknown.size;
  }

  /** Problem → tile, of the products asked for so far. */
  get inUse(): ReadonlyMap<string, string> {
    return this.used;
  }

  choose(problem: GemmProblem): Tile {
    const tile = this.pick(problem);
    this.used.set(problem.name, tile.name);
    return tile;
  }

  private pick(problem: GemmProblem): Tile {
    const { force, measure = false, known } = this.options;
    if (force !== undefined) {
      return tilesFor(problem, this.device).find((tile) => tile.name === force) ?? fixedTile(problem, this.device);
    }
    // What was measured on this machine goes before what was measured on one like it.
    const measured = this.choices.get(problem.name)?.tile ?? known?.get(problem.name)?.tile;
    const tile = tilesFor(problem, this.device).find(({ name }) => name === measured);
    if (tile !== undefined) return tile;
    if (this.isSeldom) return this.seldomTile(problem) ?? this.estimate(problem);
    if (measure && known === undefined) this.unknown.set(problem.name, problem);
    return this.estimate(problem);
  }

  private estimate(problem: GemmProblem): Tile {
    const suited = candidates(problem, this.device);
    const choices = [...this.choices.values(), ...(this.options.known?.values() ?? [])];
    const name = nearestTile(choices, problem, new Set(suited.map((tile) => tile.name)));
    return suited.find((tile) => tile.name === name) ?? fixedTile(problem, this.device);
  }

  /**
   * Runs `body`, whose products run too seldom to be worth measuring. Those without a measurement get a tile that is compiled
   * already; small ones without such get the one that compiles fastest.
   */
  seldom<T>(body: () => T): T {
    this.isSeldom = true;
    try {
      return body();
    } finally {
      this.isSeldom = false;
    }
  }

  private seldomTile(problem: GemmProblem): Tile | undefined {
    const { pipelines } = this.device;
    const isCompiled = (tile: Tile): boolean => pipelines.isReady(productKernel(problem, tile));
    const compiled = candidates(problem, this.device).find(isCompiled);
    return compiled ?? (problem.multiplyAdds < SMALL ? smallestTile(problem, this.device) : undefined);
  }

  /** Dispatches the problem by the tile chosen for it. */
  dispatch(problem: GemmProblem): void {
    dispatchProduct(this.device, problem, this.choose(problem));
  }

  /** Measures the problems noted so far, the largest first, within the budget; the others are noted when they come again. */
  async tune(progress: TuningProgress | undefined = this.options.progress): Promise<void> {
    const { budgetMs = TUNING_BUDGET_MS } = this.options;
    const problems = [...this.unknown.values()].sort((a, b) => b.multiplyAdds - a.multiplyAdds);
    this.unknown.clear();
    if (problems.length === 0 || this.spentMs >= budgetMs) return;
    try {
      for (const [index, problem] of problems.entries()) {
        if (this.spentMs >= budgetMs) break;
        progress?.(index, problems.length, problem.name);
        const start = performance.now();
        this.choices.set(problem.name, choiceOf(problem, (await this.measure(problem)).name));
        this.spentMs += performance.now() - start;
      }
    } finally {
      this.options.ended?.();
    }
    this.device.flush();
    this.device.pool.trim();
    this.options.store?.save(this.device.adapter.key, this.choices);
  }

  private async measure(problem: GemmProblem): Promise<Tile> {
    const { device } = this;
    const { exhaustive = false, measured } = this.options;
    const tiles = exhaustive ? tilesFor(problem, device) : candidates(problem, device);
    const [only] = tiles;
    if (only !== undefined && tiles.length === 1) return only;
    const scratch = ({ size, label }: DeviceBuffer): DeviceBuffer => device.allocatePersistent(size, `tuning ${label}`);
    const [sourceA, sourceB] = problem.factors;
    const [a, b, output] = [scratch(sourceA), scratch(sourceB), scratch(problem.output)];
    const [dataA, dataB] = [noise(a.size / 4, 1), noise(b.size / 4, 2)];
    device.write(a, dataA);
    device.write(b, dataB);
    const check = new ProductCheck(problem, dataA, dataB);
    // Without the epilogue: the sums themselves are compared.
    const constants =
      problem.operand === 'patches' ? { ...problem.constants, HAS_BIAS: false, ACTIVATION: 0 } : problem.constants;
    const bias = problem.factors.slice(2).map(() => b);
    const plain: GemmProblem = { ...problem, constants, factors: [a, b, ...bias], output };
    const runners: Runner[] = [];
    try {
      for (const tile of tiles) {
        const plan = await this.checked(plain, tile, check);
        if (plan !== undefined) runners.push({ tile, plan, times: [] });
      }
      await this.race(runners);
      const [best] = runners;
      if (best === undefined) throw new GpuError(`no tile computes ${problem.name} correctly on this device`);
      measured?.(problem, new Map(runners.map((runner) => [runner.tile.name, leastOf(runner)])));
      return best.tile;
    } finally {
      for (const { plan } of runners) plan.dispose();
      for (const buffer of [a, b, output]) device.free(buffer);
    }
  }

  /**
   * Sorts by the least time, which other programs disturb least. Tiles take turns, so that changes in the machine's load
   * or clock rate affect all alike.
   */
  private async race(runners: Runner[]): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS && (round < ROUNDS || !isDecided(runners)); round++) {
      const fastest = Math.min(...runners.map(leastOf));
      for (const runner of runners) {
        // The first run may wait for the driver's compiler.
        if (round > 1 && leastOf(runner) > HOPELESS * fastest) continue;
        const start = performance.now();
        runner.plan.replay();
        await this.device.synchronize();
        runner.times.push(performance.now() - start);
      }
    }
    runners.sort((a, b) => leastOf(a) - leastOf(b));
  }

  /** The tile's plan, or undefined if it does not compile on this device or its result is wrong. */
  private async checked(problem: GemmProblem, tile: Tile, check: ProductCheck): Promise<Plan<void> | undefined> {
    const { device } = this;
    const { output } = problem;
    const plan = await device
      .compile(device.trace(() => dispatchProduct(device, problem, tile)))
      .catch((error: unknown) => {
        if (error instanceof ShaderError) return undefined;
        throw error;
      });
    if (plan === undefined) return undefined;
    device.write(output, new Float32Array(output.size / 4).fill(NaN));
    plan.replay();
    const [bytes] = await device.read(output);
    if (bytes !== undefined && isRight(problem, new Float32Array(bytes), check)) return plan;
    plan.dispose();
    return undefined;
  }
}

/** Compares sampled elements with their float64 definition; see tolerance.ts for how far they may lie from it. */
function isRight(problem: GemmProblem, result: Float32Array, check: ProductCheck): boolean {
  const count = problem.outputCount;
  for (let sample = 0; sample < SAMPLES; sample++) {
    // The last element, then multiples of the golden ratio: they meet all rows and columns of a tile.
    const index = sample === 0 ? count - 1 : Math.floor(((sample * GOLDEN_RATIO) % 1) * count);
    if (!check.allows(index, result[index] ?? NaN)) return false;
  }
  return true;
}

function leastOf({ times }: Runner): number {
  return Math.min(...times);
}

/**
 * Whether the fastest runner stands apart, or its times are steady: then more rounds change nothing. On a busy machine the
 * median lies far above the least.
 */
function isDecided(runners: readonly Runner[]): boolean {
  const [first, second] = [...runners].sort((a, b) => leastOf(a) - leastOf(b));
  if (first === undefined || second === undefined) return true;
  const isApart = leastOf(second) > CLOSE * leastOf(first);
  return isApart || [first, second].every((runner) => medianOf(runner.times) < CLOSE * leastOf(runner));
}

/** The lower median. */
function medianOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) / 2)] ?? 0;
}
