/**
 * @file Writes the results as a page: correct verdicts of each list, each generator, and which metric detects which fault.
 */
import type { Diagnosis, VerdictName } from '../../src/evaluation/diagnosis.js';
import { alternate, detectedShares, DETECTOR_TITLES } from './detection.js';

/** Titles of the lists of generators. */
export const LISTS = {
  tuned: 'synthetic, used to set the thresholds',
  others: 'synthetic, not used to set the thresholds',
  trained: 'checkpoints of trained GANs',
} as const;

/** A generator's name, its correct verdicts, and its diagnoses. */
export interface Judged {
  readonly list: keyof typeof LISTS;
  readonly name: string;
  readonly expected: readonly VerdictName[];
  readonly diagnoses: readonly Diagnosis[];
}

/** Conditions of the evaluation. */
export interface Judging {
  readonly samples: number;
  readonly draws: number;
  /** Describes the images used. */
  readonly note: string;
  readonly command: string;
}

/** Whether healthy is the only correct verdict. */
export function isHealthy({ expected }: Judged): boolean {
  return expected.join() === 'healthy';
}

/** Counts a generator's correct verdicts. */
export function countRight({ expected, diagnoses }: Judged): number {
  return diagnoses.filter(({ verdict }) => expected.includes(verdict.name)).length;
}

/** Rows of the table of detected faults: first false alarms, then each generator that set no limit. */
export function detectionRows(
  judged: readonly Judged[],
): { readonly name: string; readonly shares: (number | null)[] }[] {
  const setsLimits = (one: Judged): boolean => isHealthy(one) && one.list !== 'others';
  const [limits, rest] = alternate(judged.filter(setsLimits).flatMap(({ diagnoses }) => diagnoses));
  const faults = judged.filter(isFault);
  return [
    { name: `healthy, other draws (${rest.length})`, shares: detectedShares(rest, limits) },
    ...judged
      .filter((one) => !setsLimits(one))
      .map((one) => ({
        name: isHealthy(one) ? `healthy: ${one.name}` : one.name,
        shares: detectedShares(one.diagnoses, limits),
      })),
    {
      name: `all faults (${faults.length})`,
      shares: detectedShares(
        faults.flatMap(({ diagnoses }) => diagnoses),
        limits,
      ),
    },
  ];
}

/** Whether healthy is a wrong verdict. */
function isFault({ expected }: Judged): boolean {
  return !expected.includes('healthy');
}

/** Returns the page in Markdown. */
export function pageOf(judged: readonly Judged[], { samples, draws, note, command }: Judging): string {
  return [
    '# How often the verdict is correct',
    '',
    `Synthetic generators of known state, each drawn ${times(draws)} with ${samples.toLocaleString('en')} samples` +
      `${judged.some(({ list }) => list === 'trained') ? ', and checkpoints of trained GANs' : ''}. ${note} Command:`,
    '',
    `    ${command}`,
    '',
    ...listTable(judged),
    '',
    ...Object.entries(LISTS).flatMap(([list, title]) => generatorTable(judged, list, title)),
    '## Which metric detects which fault',
    '',
    ...detectionTable(judged),
    '',
  ].join('\n');
}

function listTable(judged: readonly Judged[]): string[] {
  const head = [
    'generators',
    'number',
    'with two correct verdicts',
    'correct verdicts',
    'missed faults',
    'false alarms',
  ];
  const rowsOf = Object.entries(LISTS).flatMap(([list, title]) => {
    const own = judged.filter((one) => one.list === list);
    const share = (of: readonly Judged[], counted: (one: Judged) => number): string => {
      const all = of.reduce((sum, { diagnoses }) => sum + diagnoses.length, 0);
      const some = of.reduce((sum, one) => sum + counted(one), 0);
      return all === 0 ? '' : `${some} of ${all} (${percent(some / all)})`;
    };
    const called = ({ diagnoses }: Judged, isHealthyName: boolean): number =>
      diagnoses.filter(({ verdict }) => (verdict.name === 'healthy') === isHealthyName).length;
    if (own.length === 0) return [];
    return [
      cells([
        title,
        own.length,
        own.filter(({ expected }) => expected.length > 1).length,
        `**${share(own, countRight)}**`,
        share(own.filter(isFault), (one) => called(one, true)),
        share(own.filter(isHealthy), (one) => called(one, false)),
      ]),
    ];
  });
  return [cells(head), cells(['---', ...head.slice(1).map(() => '---:')]), ...rowsOf];
}

function generatorTable(judged: readonly Judged[], list: string, title: string): string[] {
  const own = judged.filter((one) => one.list === list);
  if (own.length === 0) return [];
  return [
    `## ${title.replace(/^./, (first) => first.toUpperCase())}`,
    '',
    cells(['generator', 'correct verdicts', 'verdict', 'correct', 'reasons, first draw']),
    cells(['---', '---', '---', '---:', '---']),
    ...own.map((one) =>
      cells([
        one.name,
        one.expected.join(' or '),
        [...new Set(one.diagnoses.map(({ verdict }) => verdict.name))].join(', '),
        percent(countRight(one) / one.diagnoses.length),
        one.diagnoses[0]?.verdict.reasons.join(', ') ?? '',
      ]),
    ),
    '',
  ];
}

function detectionTable(judged: readonly Judged[]): string[] {
  const rows = detectionRows(judged);
  // Omits columns without values.
  const shown = DETECTOR_TITLES.map((_, index) => index).filter((index) =>
    rows.some(({ shares }) => isNumber(shares[index])),
  );
  const name = (index: number): string => DETECTOR_TITLES[index] ?? '';
  return [
    'Share of the draws whose value is worse than all of the healthy generators’. Every second healthy draw sets this ' +
      'limit; the first row shows the other ones: false alarms. –: never; blank: not measured.',
    '',
    conclusion(judged, shown, name),
    '',
    cells(['generator', ...shown.map(name)]),
    cells(['---', ...shown.map(() => '---:')]),
    ...rows.map((row) => cells([row.name, ...shown.map((index) => shareText(row.shares[index]))])),
  ];
}

/** Says whether one metric detects all faults. */
function conclusion(judged: readonly Judged[], shown: readonly number[], name: (index: number) => string): string {
  const faults = judged.filter(isFault).map((one) => one.name);
  const rows = detectionRows(judged).filter((row) => faults.includes(row.name));
  const sure = shown
    .map((index) => ({ index, faults: rows.filter(({ shares }) => shares[index] === 1).length }))
    .sort((a, b) => b.faults - a.faults);
  const most = sure[0];
  if (most === undefined || rows.length === 0) return 'There are no faults to detect.';
  const best = sure.filter((one) => one.faults === most.faults).map(({ index }) => name(index));
  const all = best.join(', ');
  return most.faults === rows.length
    ? `Detects every fault in every draw: ${all}.`
    : `No metric detects every fault in every draw. Best, with ${most.faults} of ${rows.length} faults: ${all}.`;
}

function shareText(share: number | null | undefined): string {
  if (!isNumber(share)) return '';
  return share === 0 ? '–' : percent(share);
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number';
}

function cells(all: readonly (string | number)[]): string {
  return `| ${all.join(' | ')} |`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function times(number: number): string {
  return ['zero times', 'once', 'twice'][number] ?? `${number} times`;
}
