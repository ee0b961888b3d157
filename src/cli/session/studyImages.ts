/**
 * @file The images of a study, or of a comparison's studies: chosen once, and found again as they were, or an error.
 */
import type { ImageDataset } from '../../data/dataset.js';
import type { MnistSplit } from '../../datasets/published.js';
import { CLASSES } from '../../models/networks/classifier.js';
import { type BegunOn, imagesHash, StudyError, type StudyDataset } from '../../study/plan/studyDescription.js';
import { chooseDataset } from '../options/dataOptions.js';
import { sameImages } from './resume.js';
import type { Output } from '../terminal/output.js';
import type { StudyFlags } from '../options/studyFlags.js';

/** Chooses what something new is to be trained on. @throws MnistError, UsageError */
export async function chooseImages(
  { data: asked = 'auto', dataDir }: Pick<StudyFlags, 'data' | 'dataDir'>,
  { seeds }: BegunOn['settings'],
  output: Output,
): Promise<StudyDataset> {
  const request = { kind: asked, folder: dataDir, seed: seeds[0] ?? '1', say: output.say, output };
  const { dataset, kind, folder, classes } = await chooseDataset(request);
  const { name, count, sha256, labels } = dataset;
  const shares = Array.from({ length: CLASSES }, (_, label) => labels.filter((each) => each === label).length / count);
  return { kind, name, count, sha256, ...(folder === undefined ? {} : { folder }), classes: [...classes], shares };
}

/** Reads or draws each set once. */
export class StudyImages {
  private readonly known = new Map<string, Promise<ImageDataset>>();

  /**
   * @param path of the folder that was begun on them, for messages
   * @param moved where the images are now, if not where that was begun
   */
  constructor(
    private readonly path: string,
    private readonly begun: BegunOn,
    private readonly moved: string | undefined,
    private readonly output: Output,
  ) {}

  /** The images of the first seed, described. */
  get dataset(): StudyDataset {
    return this.begun.dataset;
  }

  /** @throws StudyError where the images of the first seed are not those that it was begun with; and what `of` throws */
  async check(): Promise<void> {
    await this.of(this.begun.settings.seeds[0] ?? '1', 'train');
  }

  /**
   * The images that a run with a seed is trained on, or those held back.
   *
   * @throws StudyError where the training images are not those that it was begun with; MnistError, UsageError; Error where
   *   the folder that they were read from is gone
   */
  of(seed: string, split: MnistSplit): Promise<ImageDataset> {
    // Only the built-in digits are others with another seed.
    const key = `${this.begun.dataset.kind === 'digits' ? seed : ''}/${split}`;
    const found = this.known.get(key) ?? this.find(seed, split);
    this.known.set(key, found);
    return found;
  }

  private async find(seed: string, split: MnistSplit): Promise<ImageDataset> {
    const begun = this.begun.dataset;
    const where = sameImages(this.path, begun, this.moved);
    const { dataset, origin } = await chooseDataset({
      ...where,
      seed,
      split,
      say: this.output.say,
      output: this.output,
    });
    const wanted = split === 'train' ? imagesHash(this.begun, seed) : undefined;
    if (wanted === undefined || dataset.sha256 === wanted) return dataset;
    const advice =
      where.kind === 'digits'
        ? 'this version draws them otherwise: --out names another folder to begin anew'
        : '--data-dir names the folder of those, and --out another one to begin anew';
    throw new StudyError(
      `the images from ${origin} (${dataset.name}, SHA-256 ${dataset.sha256}) are not those that ${this.path} ` +
        `was begun with (${begun.name}, SHA-256 ${wanted}); ${advice}`,
    );
  }
}
