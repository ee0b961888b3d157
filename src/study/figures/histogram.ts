/**
 * @file Draws the share of each class among the samples of one dimension's runs, beside its share of the real images.
 */
import type { TopLevelSpec } from 'vega-lite';
import { COLOURS, NEUTRALS } from '../../figures/palette.js';
import type { Results } from '../measure/results.js';
import { chartFigure, type Figure } from './figure.js';

/** Pixels. */
const STEP = 48;
const HEIGHT = 240;
/** A Vega expression. */
const PERCENT = "format(datum.value * 100, '.0f') + '\u00a0%'";
/** Longer class names are rotated. */
const SHORT = 3;

/** @returns undefined if no run of the dimension is measured */
export async function histogramFigure(results: Results, zDim: number): Promise<Figure | undefined> {
  const { classes: names, shares } = results.dataset;
  const measured = results.runs.flatMap((run) => {
    return run.zDim === zDim && run.diagnosis !== null ? [{ seed: run.seed, diagnosis: run.diagnosis }] : [];
  });
  const [first] = measured;
  if (first === undefined) return undefined;
  const seeds = measured.flatMap(
    ({
      seed,
      diagnosis: {
        classes: { counts },
        samples,
      },
    }) => {
      return counts.map((count, label) => ({ name: names[label] ?? '', seed, share: count / samples }));
    },
  );
  const means = names.map((name, label) => {
    const sum = measured.reduce((total, { diagnosis: { classes, samples } }) => {
      return total + (classes.counts[label] ?? 0) / samples;
    }, 0);
    return { name, share: sum / measured.length };
  });
  const real = names.map((name, label) => ({ name, share: shares[label] ?? 0 }));
  const percentages = means.map(({ name, share }) => `${name}: ${percent(share)}`).join(', ');
  const many = measured.length > 1;
  return chartFigure(
    {
      name: `histogram-z${zDim}`,
      alt: `Share of each class among the samples at z_dim ${zDim}: ${percentages}`,
      caption:
        `Bars: predicted classes of ${first.diagnosis.samples.toLocaleString('en')} samples` +
        `${many ? `, the mean of ${measured.length} seeds; circles: each seed` : ''}. Thick lines: the real images.`,
    },
    spec(`Digits at z_dim ${zDim}`, { classes: names, means, seeds: many ? seeds : [], real }),
  );
}

interface Bars {
  readonly classes: readonly string[];
  readonly means: readonly object[];
  readonly seeds: readonly object[];
  readonly real: readonly object[];
}

function spec(title: string, { classes, means, seeds, real }: Bars): TopLevelSpec {
  const x = {
    field: 'name',
    type: 'nominal' as const,
    sort: null,
    axis: { title: null, labelAngle: classes.some(({ length }) => length > SHORT) ? -40 : 0 },
  };
  const y = {
    field: 'share',
    type: 'quantitative' as const,
    axis: { title: 'share of the images', labelExpr: PERCENT, tickCount: 5 },
  };
  return {
    title,
    width: { step: STEP },
    height: HEIGHT,
    encoding: { x, y },
    layer: [
      { data: { values: [...means] }, mark: { type: 'bar', color: COLOURS.grey } },
      { data: { values: [...seeds] }, mark: { type: 'point', filled: false, color: COLOURS.blue, strokeWidth: 1.5 } },
      {
        data: { values: [...real] },
        mark: { type: 'tick', color: NEUTRALS.ink.light, thickness: 2.5, size: STEP - 8 },
      },
    ],
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
