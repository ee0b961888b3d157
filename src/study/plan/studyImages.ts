/**
 * @file Opens the images of a study, or of the studies of a comparison, and checks that they are the same each time.
 */
import type { ImageDataset } from '../../data/dataset.js';
import { type DatasetCallbacks, openDataset, type OpenDatasetOptions } from '../../datasets/open.js';
import type { MnistSplit } from '../../datasets/published.js';
import { CLASSES } from '../../models/networks/classifier.js';
import { reopenOptions } from '../../training/run/reopenImages.js';
import { type BegunOn, imagesHash, type StudyDataset, StudyError } from './studyDescription.js';

/** Chooses the images of a new study. @throws MnistError, DatasetRequestError */
export async function chooseImages(
  request: Pick<OpenDatasetOptions, 'kind' | 'folder'>,
  { seeds }: BegunOn['settings'],
  callbacks: DatasetCallbacks,
): Promise<StudyDataset> {
  const { dataset, kind, folder, classes } = await openDataset({ ...request, seed: seeds[0] }, callbacks);
  const { name, count, sha256, labels } = dataset;
  const shares = Array.from({ length: CLASSES }, (_, label) => labels.filter((each) => each === label).length / count);
  return { kind, name, count, sha256, ...(folder === undefined ? {} : { folder }), classes: [...classes], shares };
}

export interface StudyImagesOptions {
  /** The folder of the study or comparison, for messages. */
  readonly path: string;
  readonly description: BegunOn;
  /** The folder that holds the images now, if it changed. */
  readonly moved: string | undefined;
}

/** Opens each set of images once. */
export class StudyImages {
  private readonly opened = new Map<string, Promise<ImageDataset>>();

  constructor(
    private readonly options: StudyImagesOptions,
    private readonly callbacks: DatasetCallbacks = {},
  ) {}

  /** The images of the first seed, described. */
  get dataset(): StudyDataset {
    return this.options.description.dataset;
  }

  /** @throws StudyError if the images of the first seed changed; and as {@link of} */
  async check(): Promise<void> {
    await this.of(this.options.description.settings.seeds[0] ?? '1', 'train');
  }

  /**
   * Images of the runs of a seed: those that they train on, or those held out.
   *
   * @throws StudyError if the training images changed; MnistError, DatasetRequestError; Error if their folder is gone
   */
  of(seed: string, split: MnistSplit): Promise<ImageDataset> {
    // Only the built-in digits depend on the seed.
    const key = `${this.dataset.kind === 'digits' ? seed : ''}/${split}`;
    const found = this.opened.get(key) ?? this.open(seed, split);
    this.opened.set(key, found);
    return found;
  }

  private async open(seed: string, split: MnistSplit): Promise<ImageDataset> {
    const { path, description, moved } = this.options;
    const where = reopenOptions(path, description.dataset, moved);
    const { dataset, origin } = await openDataset({ ...where, seed, split }, this.callbacks);
    const wanted = split === 'train' ? imagesHash(description, seed) : undefined;
    if (wanted === undefined || dataset.sha256 === wanted) return dataset;
    const advice =
      where.kind === 'digits'
        ? 'this version draws them differently: --out names another folder to start anew'
        : '--data-dir names the folder of the right images, --out another folder to start anew';
    throw new StudyError(
      `${path} was created with other images (${description.dataset.name}, SHA-256 ${wanted}); ` +
        `got ${dataset.name} from ${origin} (SHA-256 ${dataset.sha256}); ${advice}`,
    );
  }
}
