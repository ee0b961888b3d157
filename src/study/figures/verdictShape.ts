/**
 * @file The shape of a verdict in the charts, the same in each, so that it is seen in print in grey as well.
 */
import { VERDICTS, type VerdictName } from '../../metrics/diagnosis.js';

const SHAPES: Readonly<Record<VerdictName, string>> = {
  healthy: 'circle',
  collapsing: 'triangle-up',
  collapsed: 'square',
  'not learning': 'diamond',
  diverged: 'cross',
};

/** A scale from verdicts to shapes. */
export const VERDICT_SHAPE = { domain: [...VERDICTS], range: VERDICTS.map((name) => SHAPES[name]) };
