/**
 * @file Writes metrics as text: values, headings, the signs of which values are better, and the table of docs/metrics.md.
 */
import type { BestValue } from './best.js';
import { type Better, METRIC_NAMES, type Metric, type MetricName, METRICS } from './registry.js';

/** Formats a metric's value with its own number of digits. */
export function formatMetric(name: MetricName, value: number): string {
  return value.toFixed(METRICS[name].digits).replace('-', '−');
}

/** Formats the value of a single evaluation: as {@link formatMetric}, but whole numbers have no digits. */
export function formatSingle(name: MetricName, value: number): string {
  return Number.isInteger(value) ? value.toString() : formatMetric(name, value);
}

/** Describes a best value: `Fréchet distance 57.0 at iteration 1750`. */
export function describeBest({ metric, iteration, value }: BestValue): string {
  return `${METRICS[metric].title} ${formatSingle(metric, value)} at iteration ${iteration}`;
}

/** Describes a metric in one line. */
export function describedMetric(name: MetricName): string {
  const { title, about, unit } = METRICS[name];
  return `${title}: ${about}${unit === undefined ? '' : `, in ${unit}`}`;
}

/** Which values are better, as a sign behind a title: `↑`, `↓`, or `→ 1` for a target. Empty if neither way is. */
export function betterSign(better: Better | undefined): string {
  if (better === undefined) return '';
  return better === 'more' ? '↑' : better === 'less' ? '↓' : `→ ${better}`;
}

/** The same in words. */
export function betterWords(better: Better | undefined): string {
  if (better === undefined) return 'neither way is better';
  return typeof better === 'number' ? `best at ${better}` : `${better} is better`;
}

/** A title and the sign behind it, as a table's heading. */
export function headingOf({ title, better }: { readonly title: string; readonly better?: Better | undefined }): string {
  return `${title} ${betterSign(better)}`.trimEnd();
}

/** Explains each sign of a table once, in the order of {@link betterSign}. */
export function betterKey(all: readonly (Better | undefined)[]): string {
  const targets = all.filter((better) => typeof better === 'number').toSorted((a, b) => a - b);
  const used = [...(['more', 'less'] as const).filter((better) => all.includes(better)), ...new Set(targets)];
  return used.map((better) => `${betterSign(better)}: ${betterWords(better)}`).join(', ');
}

/** The Markdown table of all metrics that docs/metrics.md holds; `npm run schemas` writes it. */
export function metricsTable(): string {
  const head = ['name', 'title', 'what it is', 'unit', 'better', 'range', 'used in'];
  const rows = METRIC_NAMES.map((name) => {
    const { title, about, unit = '–', better } = METRICS[name];
    return [
      `\`${name}\``,
      title,
      about,
      unit,
      betterSign(better) || '–',
      rangeText(METRICS[name]),
      usesOf(METRICS[name]),
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rangeText({ range }: Metric): string {
  if (range === undefined) return 'any';
  const [least, most] = range;
  return most === undefined ? `${least} and up` : `${least} … ${most}`;
}

function usesOf({ poor, sign, table, chart, comparison, correlated, selects }: Metric): string {
  const uses = [
    ...(poor === undefined && sign === undefined ? [] : ['verdict']),
    ...(table !== undefined ? ['table'] : []),
    ...(chart === undefined ? [] : ['training chart']),
    ...(comparison === undefined ? [] : ['comparison']),
    ...(correlated === true ? ['correlations'] : []),
    ...(selects === true ? ['best checkpoint'] : []),
  ];
  return uses.join(', ') || '–';
}
