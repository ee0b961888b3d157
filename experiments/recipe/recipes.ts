/**
 * @file Lists the compared recipes of `--arch dcgan`: settings that change the quality of the images, not their kind.
 */
import type { ObjectiveOptions } from '../../src/gan/settings.js';

/** Settings of a training by a name. */
interface Recipe {
  readonly objective: ObjectiveOptions;
  /** Factor on all channel counts. Default: that of the preset `quick`. */
  readonly width?: number;
  /** Images a batch. Default: that of the preset `quick`. */
  readonly batch?: number;
}

/** The name is what a table shows. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map([
  ['hidden 0, ema 0', { objective: {} }],
  ['hidden 256, ema 0', { objective: { hidden: 256 } }],
  ['hidden 256, ema 0.99', { objective: { hidden: 256, averageDecay: 0.99 } }],
]);
