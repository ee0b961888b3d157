/**
 * @file Loads a generator from a checkpoint: z in, images out. Needs neither its run nor its dataset.
 */
import { statSync } from 'node:fs';
import type { Engine } from '../../autograd/engine.js';
import { onFile } from '../../files/errors.js';
import type { StoredTensor } from '../../data/weights/safetensors.js';
import { shown } from '../../data/printable.js';
import type { PartProgress } from '../../evaluation/progress.js';
import { generatorImages } from '../../evaluation/inputs/samples.js';
import { conditionedRows, CONDITION } from '../../models/layers/conditioning.js';
import { ARCHITECTURES, type ArchitectureName } from '../../models/networks/architectures.js';
import type { Sequential } from '../../models/layers/index.js';
import { NORMALISATIONS } from '../../models/layers/normalisation.js';
import { above0, decimal, outOfBounds } from '../../gan/bounds.js';
import { requireBest } from './bestCheckpoint.js';
import { ownerCheck, readOwned } from './checkpointOwner.js';
import { checkpointError, CheckpointError, CheckpointFolder, type Checkpoint } from './checkpoints.js';
import { objectiveSettings } from '../../gan/objective.js';
import { MAX_WIDTH, MAX_Z_DIM } from '../../gan/settings.js';
import { runFiles } from '../run/runFiles.js';
import { AVERAGE, networkState, restore, type Snapshot } from '../../data/weights/state.js';

/** Bounds of the sizes that networks exist for. */
const LIMITS = { zDim: [1, MAX_Z_DIM], imageHeight: [28, 28], imageWidth: [28, 28], channels: [1, 3] } as const;

/** A network may have this many numbers more than its file: the message then names the missing tensor. */
const SLACK = 2 ** 20;

/** A checkpoint in a run's folder: the newest usable one, the best by the metric of `--keep-best`, or that of an iteration. */
export type CheckpointChoice = 'newest' | 'best' | number;

/**
 * Finds a checkpoint by the path of a file or of a run's folder. In a run's folder it must belong to that run.
 *
 * @param choice which checkpoint in the folder; of a file only the newest, itself
 * @returns the checkpoint, and the errors of newer ones
 * @throws CheckpointError if there is none, or it is not usable; RunError if the run's description is damaged; FileError
 */
export function findCheckpoint(
  path: string,
  choice: CheckpointChoice = 'newest',
): { checkpoint: Checkpoint; skipped: readonly CheckpointError[] } {
  const found = onFile('read', path, () => statSync(path, { throwIfNoEntry: false }));
  if (found === undefined)
    throw new CheckpointError(`${path} does not exist: a run's folder or a checkpoint is expected`);
  if (!found.isDirectory()) {
    if (choice === 'newest') return { checkpoint: readOwned(path), skipped: [] };
    const of = choice === 'best' ? 'the best checkpoint' : `a checkpoint of iteration ${choice}`;
    throw new CheckpointError(`${path} is a file: ${of} is searched in the folder of a run`);
  }
  const folder = new CheckpointFolder(runFiles(path).checkpoints);
  if (choice !== 'newest') {
    const iteration = choice === 'best' ? requireBest(path).iteration : choice;
    const known = folder.iterations();
    if (known.includes(iteration)) return { checkpoint: readOwned(folder.pathOf(iteration)), skipped: [] };
    throw new CheckpointError(
      `${path} has no checkpoint of iteration ${iteration}; it has ${known.join(', ') || 'none'}`,
    );
  }
  const { checkpoint, skipped } = newestCheckpoint(path);
  if (checkpoint === undefined) throw new CheckpointError(`there is no checkpoint in ${folder.path}`);
  return { checkpoint, skipped };
}

/**
 * Finds the newest usable checkpoint of a run's folder; undefined if there is none yet.
 *
 * @returns the checkpoint, and the errors of newer ones
 * @throws CheckpointError if there are checkpoints, but none is usable; RunError, FileError
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
    /** Whether it takes a class with each z. */
    readonly isConditional: boolean,
  ) {}

  /** @throws CheckpointError if the checkpoint does not hold the network that its metadata describe */
  static load(engine: Engine, { path, metadata, tensors }: Checkpoint): TrainedGenerator {
    const architecture = metadata.get('architecture') ?? '';
    if (!isArchitecture(architecture)) {
      throw new CheckpointError(`${path}: there is no architecture ${shown(architecture)}`);
    }
    const quoted = (name: string): string => shown(metadata.get(name) ?? '');
    const number = (name: keyof typeof LIMITS): number => {
      const value = decimal(metadata.get(name) ?? '') ?? NaN;
      const [least, most] = LIMITS[name];
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      const range = least === most ? least.toString() : `an integer from ${least} to ${most}`;
      throw new CheckpointError(`${path}: ${name} is ${range}, not ${quoted(name)}`);
    };
    const width = decimal(metadata.get('width') ?? '') ?? NaN;
    if (outOfBounds(width, above0(MAX_WIDTH)) !== undefined) {
      throw new CheckpointError(`${path}: width is above 0, up to ${MAX_WIDTH}, not ${quoted('width')}`);
    }
    // Checkpoints of earlier versions do not state defaults.
    const usual = objectiveSettings(ARCHITECTURES[architecture], {});
    const normaliseGenerator = NORMALISATIONS.find((known) => {
      return known === (metadata.get('normaliseGenerator') ?? usual.normaliseGenerator);
    });
    if (normaliseGenerator === undefined) {
      const known = NORMALISATIONS.join(', ');
      throw new CheckpointError(`${path}: normaliseGenerator is one of ${known}, not ${quoted('normaliseGenerator')}`);
    }
    const conditional = metadata.get('conditional') ?? String(usual.conditional);
    if (conditional !== 'true' && conditional !== 'false') {
      throw new CheckpointError(`${path}: conditional is true or false, not ${quoted('conditional')}`);
    }
    const isConditional = conditional === 'true';
    const [zDim, channels] = [number('zDim'), number('channels')];
    const image = { height: number('imageHeight'), width: number('imageWidth'), channels };
    const own = generatorTensors(tensors);
    // The initial values are overwritten. A file whose metadata describe a far larger network is refused before the
    // network is made. A normal number takes two draws.
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
   * Generates images, in inference mode.
   *
   * @param z [count, zDim]
   * @param classes 0 … 9, one for each z; of a conditional generator only
   * @returns [count, height, width, channels] in [−1, 1]
   * @throws Error if classes are missing, or not expected
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

/** The averaged weights if there are any, otherwise the trained ones. */
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
