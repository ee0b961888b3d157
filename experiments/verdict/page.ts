/**
 * @file What was judged, as a page: how many verdicts are right on each list of generators, each generator, and which
 * metric sees which.
 */
import type { Diagnosis, VerdictName } from '../../src/evaluation/diagnosis.js';
import { alternate, seen, SIGHTED_TITLES } from './sight.js';

/** Lists of generators, by what they are to the verdict's thresholds. */
export const LISTS = {
  seen: 'made, the thresholds were set on them',
  others: 'made, the thresholds have not seen them',
  trained: 'checkpoints of trained GANs',
} as const;

/** A generator's name, the verdicts that are right, and its diagnoses. */
export interface Judged {
  readonly list: keyof typeof LISTS;
  readonly name: string;
  readonly expected: readonly VerdictName[];
  readonly diagnoses: readonly Diagnosis[];
}

/** How the generators were judged. */
export interface Judging {
  readonly samples: number;
  readonly draws: number;
  /** Which images they were made of. */
  readonly note: string;
  readonly command: string;
}

/** Whether the right word is that there is no fault. */
export function isHealthy({ expected }: Judged): boolean {
  return expected.join() === 'healthy';
}

/** How many of a generator's verdicts are right. */
export function countRight({ expected, diagnoses }: Judged): number {
  return diagnoses.filter(({ verdict }) => expected.includes(verdict.name)).length;
}

/** The rows of {@link seen}: false alarms, then all that set no limit. */
export function sightRows(judged: readonly Judged[]): { readonly name: string; readonly shares: (number | null)[] }[] {
  const setsLimits = (one: Judged): boolean => isHealthy(one) && one.list !== 'others';
  const [limits, rest] = alternate(judged.filter(setsLimits).flatMap(({ diagnoses }) => diagnoses));
  const faults = judged.filter(isFault);
  return [
    { name: `healthy, other draws (${rest.length})`, shares: seen(rest, limits) },
    ...judged
      .filter((one) => !setsLimits(one))
      .map((one) => ({
        name: isHealthy(one) ? `healthy: ${one.name}` : one.name,
        shares: seen(one.diagnoses, limits),
      })),
    {
      name: `all faults (${faults.length})`,
      shares: seen(
        faults.flatMap(({ diagnoses }) => diagnoses),
        limits,
      ),
    },
  ];
}

/** Whether healthy would be wrong. */
function isFault({ expected }: Judged): boolean {
  return !expected.includes('healthy');
}

/** The page in Markdown. */
export function pageOf(judged: readonly Judged[], { samples, draws, note, command }: Judging): string {
  return [
    '# How often the verdict is right',
    '',
    `Generators that were made on purpose, each drawn ${times(draws)} with ${samples.toLocaleString('en')} samples` +
      `${judged.some(({ list }) => list === 'trained') ? ', and checkpoints of trained ones' : ''}. ${note} Made by`,
    '',
    `    ${command}`,
    '',
    ...listTable(judged),
    '',
    ...Object.entries(LISTS).flatMap(([list, title]) => generatorTable(judged, list, title)),
    '## Which metric sees what',
    '',
    ...sightTable(judged),
    '',
  ].join('\n');
}

function listTable(judged: readonly Judged[]): string[] {
  const head = [
    'generators',
    'of them',
    'with two right words',
    'right verdicts',
    'faults called healthy',
    'false alarms',
  ];
  const rowsOf = Object.entries(LISTS).flatMap(([list, title]) => {
    const own = judged.filter((one) => one.list === list);
    const share = (of: readonly Judged[], counted: (one: Judged) => number): string => {
      const all = of.reduce((sum, { diagnoses }) => sum + diagnoses.length, 0);
      const some = of.reduce((sum, one) => sum + counted(one), 0);
      return all === 0 ? '' : `${some} of ${all} (${percent(some / all)})`;
    };
    const called = ({ diagnoses }: Judged, isHealthyWord: boolean): number =>
      diagnoses.filter(({ verdict }) => (verdict.name === 'healthy') === isHealthyWord).length;
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
    cells(['generator', 'right would be', 'verdict', 'right', 'because, the first time']),
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

function sightTable(judged: readonly Judged[]): string[] {
  const rows = sightRows(judged);
  // A column that has no value anywhere says nothing.
  const shown = SIGHTED_TITLES.map((_, index) => index).filter((index) =>
    rows.some(({ shares }) => isNumber(shares[index])),
  );
  const name = (index: number): string => SIGHTED_TITLES[index] ?? '';
  return [
    'How often a metric’s value lies beyond the worst of the healthy generators’, every second draw of which sets the ' +
      'limit. The first row is of their other draws: false alarms. – is never, and a blank that there is no value.',
    '',
    conclusion(judged, shown, name),
    '',
    cells(['generator', ...shown.map(name)]),
    cells(['---', ...shown.map(() => '---:')]),
    ...rows.map((row) => cells([row.name, ...shown.map((index) => shareText(row.shares[index]))])),
  ];
}

/** What the table says: whether one metric would do. */
function conclusion(judged: readonly Judged[], shown: readonly number[], name: (index: number) => string): string {
  const faults = judged.filter(isFault).map((one) => one.name);
  const rows = sightRows(judged).filter((row) => faults.includes(row.name));
  const sure = shown
    .map((index) => ({ index, faults: rows.filter(({ shares }) => shares[index] === 1).length }))
    .sort((a, b) => b.faults - a.faults);
  const most = sure[0];
  if (most === undefined || rows.length === 0) return 'There is no fault to be seen.';
  const best = sure.filter((one) => one.faults === most.faults).map(({ index }) => name(index));
  const all = best.join(', ');
  return most.faults === rows.length
    ? `Every fault is seen in every draw by ${all}.`
    : `No metric sees every fault in every draw; the most, ${most.faults} of ${rows.length}, are so seen by ${all}.`;
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
  return ['never', 'once', 'twice'][number] ?? `${number} times`;
}
