/**
 * @file A generator out of a checkpoint: z in, images out. Neither its run nor its dataset is needed.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../autograd/engine.js';
import { onFile } from '../../files/errors.js';
import type { StoredTensor } from '../../data/weights/safetensors.js';
import { shown } from '../../data/printable.js';
import type { PartProgress } from '../../evaluation/progress.js';
import { generatorImages } from '../../evaluation/inputs/samples.js';
import { conditionedRows, CONDITION } from '../../models/layers/conditioning.js';
import { ARCHITECTURES, type ArchitectureName } from '../../models/networks/architectures.js';
import type { Sequential } from '../../models/layers/layers.js';
import { NORMALISATIONS } from '../../models/layers/normalisation.js';
import { above0, decimal, outOfBounds } from '../../gan/bounds.js';
import { ownerCheck, readOwned } from './checkpointOwner.js';
import { checkpointError, CheckpointError, CheckpointFolder, type Checkpoint } from './checkpoints.js';
import { MAX_WIDTH, MAX_Z_DIM } from '../../gan/settings.js';
import { runFiles } from '../run/runFolder.js';
import { AVERAGE, networkState, restore, type Snapshot } from '../../data/weights/state.js';

/** The least and the most that there are networks for; what else a file says is not believed. */
const LIMITS = { zDim: [1, MAX_Z_DIM], imageHeight: [28, 28], imageWidth: [28, 28], channels: [1, 3] } as const;

/** So many numbers more than a file holds are made all the same, so that the message can name the tensor. */
const SLACK = 2 ** 20;

/**
 * The checkpoint that a user means: a file, or the newest usable one of a run's folder. Those in a run's folder must be
 * of that run; a file elsewhere is taken as it is.
 *
 * @param iteration which one of a run's; the newest where absent
 * @returns with it what was wrong with newer ones
 * @throws CheckpointError when there is none, it cannot be used, or it was named and is of another run; RunError where
 *   the run's description is damaged; FileError
 */
export function findCheckpoint(
  path: string,
  iteration?: number,
): { checkpoint: Checkpoint; skipped: readonly CheckpointError[] } {
  const found = onFile('read', path, () => statSync(path, { throwIfNoEntry: false }));
  if (found === undefined) throw new CheckpointError(`${path} does not exist: name a run's folder or a checkpoint`);
  if (!found.isDirectory()) return { checkpoint: readOwned(path), skipped: [] };
  const folder = new CheckpointFolder(runFiles(path).checkpoints);
  if (iteration !== undefined) {
    const named = join(folder.path, CheckpointFolder.fileName(iteration));
    const known = folder.list().map((each) => CheckpointFolder.iterationOf(each));
    if (known.includes(iteration)) return { checkpoint: readOwned(named), skipped: [] };
    throw new CheckpointError(
      `${path} has no checkpoint of iteration ${iteration}; it has ${known.join(', ') || 'none'}`,
    );
  }
  const { checkpoint, skipped } = newestCheckpoint(path);
  if (checkpoint === undefined) throw new CheckpointError(`there is no checkpoint in ${folder.path}`);
  return { checkpoint, skipped };
}

/**
 * The newest usable checkpoint of a run's folder that is of the run; undefined where there is none yet.
 *
 * @returns with it what was wrong with newer ones
 * @throws CheckpointError when there are checkpoints, but none can be used; RunError, FileError
 */
export function newestCheckpoint(path: string): ReturnType<CheckpointFolder['newest']> {
  return new CheckpointFolder(runFiles(path).checkpoints).newest(ownerCheck(path));
}

/** A trained generator on a device. */
export class TrainedGenerator {
  private constructor(
    private readonly engine: Engine,
    readonly network: Sequential,
    readonly zDim: number,
    readonly image: { readonly height: number; readonly width: number; readonly channels: number },
    /** Whether it is told a class with each z. */
    readonly isConditional: boolean,
  ) {}

  /** @throws CheckpointError when the checkpoint does not hold the network that it tells of */
  static load(engine: Engine, { path, about, tensors }: Checkpoint): TrainedGenerator {
    const architecture = about.get('architecture') ?? '';
    if (!isArchitecture(architecture)) {
      throw new CheckpointError(`${path}: there is no architecture ${shown(architecture)}`);
    }
    const said = (name: string): string => shown(about.get(name) ?? '');
    const number = (name: keyof typeof LIMITS): number => {
      const value = decimal(about.get(name) ?? '') ?? NaN;
      const [least, most] = LIMITS[name];
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      const range = least === most ? least.toString() : `an integer from ${least} to ${most}`;
      throw new CheckpointError(`${path}: ${name} is ${range}, not ${said(name)}`);
    };
    const width = decimal(about.get('width') ?? '') ?? NaN;
    if (outOfBounds(width, above0(MAX_WIDTH)) !== undefined) {
      throw new CheckpointError(`${path}: width is above 0, up to ${MAX_WIDTH}, not ${said('width')}`);
    }
    const normaliseGenerator = NORMALISATIONS.find((known) => known === (about.get('normaliseGenerator') ?? 'batch'));
    if (normaliseGenerator === undefined) {
      const known = NORMALISATIONS.join(', ');
      throw new CheckpointError(`${path}: normaliseGenerator is one of ${known}, not ${said('normaliseGenerator')}`);
    }
    const conditional = about.get('conditional') ?? 'false';
    if (conditional !== 'true' && conditional !== 'false') {
      throw new CheckpointError(`${path}: conditional is true or false, not ${said('conditional')}`);
    }
    const isConditional = conditional === 'true';
    const [zDim, channels] = [number('zDim'), number('channels')];
    const image = { height: number('imageHeight'), width: number('imageWidth'), channels };
    const own = generatorTensors(tensors);
    // What is drawn at first is overwritten at once; but a file that tells of far more numbers than it holds is refused
    // before they are made. A normal number takes two draws.
    let draws = SLACK + 2 * [...own.values()].reduce((sum, { values }) => sum + values.length, 0);
    const random = (): number => {
      if (--draws >= 0) return 0;
      throw new CheckpointError(`${path} holds too few numbers for ${architecture} at z ${zDim} and width ${width}`);
    };
    const size = { zDim: isConditional ? zDim + CONDITION : zDim, width, channels, normaliseGenerator };
    const network = ARCHITECTURES[architecture].generator({ engine, random }, size);
    const wanted = networkState(network);
    try {
      restore(engine.device, wanted, own, path);
    } catch (cause) {
      network.dispose();
      throw checkpointError(cause);
    }
    return new TrainedGenerator(engine, network, zDim, image, isConditional);
  }

  /**
   * Draws images, in inference mode.
   *
   * @param z [count, zDim]
   * @param classes of a conditional generator, one for each z, 0 … 9
   * @returns [count, height, width, channels] in [−1, 1]
   * @throws Error for classes that it is not told, or that are missing
   */
  async images(z: Float32Array, classes?: ArrayLike<number>, progress?: PartProgress): Promise<Float32Array> {
    const { engine, network, zDim, isConditional } = this;
    if (isConditional !== (classes !== undefined)) {
      throw new Error(
        `images: this generator is ${isConditional ? '' : 'not '}conditional, and takes ${isConditional ? '' : 'no '}classes`,
      );
    }
    if (classes === undefined) return generatorImages(engine, network, z, zDim, progress);
    return generatorImages(engine, network, conditionedRows(z, zDim, classes), zDim + CONDITION, progress);
  }

  /** Frees the network. */
  dispose(): void {
    this.network.dispose();
  }
}

/** The averaged weights where there are any, otherwise the trained ones. */
function generatorTensors(tensors: Snapshot): Snapshot {
  const named = (prefix: string): Map<string, StoredTensor> => {
    const own = [...tensors].filter(([name]) => name.startsWith(`${prefix}generator/`) && !name.includes('/adam_'));
    return new Map(own.map(([name, stored]) => [name.slice(prefix.length), stored]));
  };
  const averaged = named(AVERAGE);
  return averaged.size > 0 ? averaged : named('');
}

function isArchitecture(name: string): name is ArchitectureName {
  return Object.hasOwn(ARCHITECTURES, name);
}
