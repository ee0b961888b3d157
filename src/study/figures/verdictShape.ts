/**
 * @file Shape and colour of each verdict, the same in all charts and pages. The shape is seen in print in grey as well.
 */
import { HUES, type Tone } from '../../figures/palette.js';
import { VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';

interface VerdictLook {
  /** In charts. */
  readonly shape: string;
  /** The same shape in text. */
  readonly sign: string;
  readonly colour: Tone;
}

export const VERDICT_LOOKS: Readonly<Record<VerdictName, VerdictLook>> = {
  healthy: { shape: 'circle', sign: '●', colour: HUES.blue },
  collapsing: { shape: 'triangle-up', sign: '▲', colour: HUES.brown },
  collapsed: { shape: 'square', sign: '■', colour: HUES.vermillion },
  'not learning': { shape: 'diamond', sign: '◆', colour: HUES.purple },
  diverged: { shape: 'cross', sign: '✚', colour: HUES.grey },
};

/** A scale from verdicts to shapes. */
export const VERDICT_SHAPE = { domain: [...VERDICTS], range: VERDICTS.map((name) => VERDICT_LOOKS[name].shape) };

/** A scale from verdicts to colours. */
export const VERDICT_COLOUR = {
  domain: [...VERDICTS],
  range: VERDICTS.map((name) => VERDICT_LOOKS[name].colour.light),
};
