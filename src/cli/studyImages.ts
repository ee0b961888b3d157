/**
 * @file The images of a study, found again: those that it was begun with, or an error.
 */
import type { ImageDataset } from '../data/dataset.js';
import type { MnistSplit } from '../data/published.js';
import { imagesHash, StudyError } from '../study/studyDescription.js';
import type { StudyFolder } from '../study/studyFolder.js';
import { chooseDataset, DATA_KINDS } from './data.js';

/** Reads or draws each set once. */
export class StudyImages {
  private readonly known = new Map<string, Promise<ImageDataset>>();

  /** @param moved where the images are now, if not where the study was begun */
  constructor(
    private readonly folder: StudyFolder,
    private readonly moved: string | undefined,
    private readonly say: (line: string, important?: boolean) => void,
  ) {}

  /** @throws StudyError where the images of the first seed are not those that the study was begun with */
  async check(): Promise<void> {
    await this.of(this.folder.description.settings.seeds[0] ?? '1', 'train');
  }

  /**
   * The images that a run with a seed is trained on, or those held back.
   *
   * @throws StudyError where the training images are not those that the study was begun with; MnistError, UsageError
   */
  of(seed: string, split: MnistSplit): Promise<ImageDataset> {
    // Only the built-in digits are others with another seed.
    const key = `${this.folder.description.dataset.kind === 'digits' ? seed : ''}/${split}`;
    const found = this.known.get(key) ?? this.find(seed, split);
    this.known.set(key, found);
    return found;
  }

  private async find(seed: string, split: MnistSplit): Promise<ImageDataset> {
    const { files, description } = this.folder;
    const begun = description.dataset;
    const kind = DATA_KINDS.find((each) => each === begun.kind);
    if (kind === undefined) throw new StudyError(`${files.study}: ${begun.kind} is no data of this program`);
    const request = { kind, folder: this.moved ?? begun.folder, seed, split, say: this.say };
    const { dataset, origin } = await chooseDataset(request);
    const wanted = split === 'train' ? imagesHash(description, seed) : undefined;
    if (wanted === undefined || dataset.sha256 === wanted) return dataset;
    const advice =
      kind === 'digits'
        ? 'this version draws them otherwise: --out names a folder for another study'
        : '--data-dir names the folder of those, and --out one for another study';
    throw new StudyError(
      `the images from ${origin} (${dataset.name}, SHA-256 ${dataset.sha256}) are not those that ${this.folder.path} ` +
        `was begun with (${begun.name}, SHA-256 ${wanted}); ${advice}`,
    );
  }
}
