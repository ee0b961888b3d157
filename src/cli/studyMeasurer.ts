/**
 * @file What measures the runs of a study.
 */
import type { Engine } from '../autograd/engine.js';
import type { ImageDataset } from '../data/dataset.js';
import type { Measurer } from '../study/measurement.js';

/** What a measurer works with. */
export interface MeasurerContext {
  readonly engine: Engine;
  /** The images that a run with a seed was trained on; the built-in digits are others for each. */
  readonly imagesOf: (seed: string) => Promise<ImageDataset>;
}

/** Tells undefined while there is no classifier for the images: the study is then reported without measurements. */
export type OpenMeasurer = (context: MeasurerContext) => Promise<Measurer | undefined>;

export const openMeasurer: OpenMeasurer = () => Promise.resolve(undefined);
