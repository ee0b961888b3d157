/**
 * @file Makes a page of a GPU day's results: the adapter, what was done and what was cut, and the figures of each part.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { VerdictName } from '../../src/evaluation/diagnosis.js';
import { formatMetric } from '../../src/evaluation/metricText.js';
import { METRICS, type MetricName } from '../../src/evaluation/registry.js';
import type { Part } from './conduct.js';
import { bestTile, type BenchRow, type Doctor, type PyTorchRow, readResults, type TunedProduct } from './results.js';
import type { DayRecord } from './state.js';

type Results = ReturnType<typeof readResults>;

/** Metrics of a run on the page. */
const SHOWN = ['frechet', 'coverage', 'precision', 'recall', 'modes', 'duplicates'] as const satisfies MetricName[];

/** Products in which another tile than the likely ones won by the most. */
const MOST_SURPRISES = 10;

const NONE = '–';

/** The page in Markdown. @param folder that holds the results @throws Error for a damaged file of results */
export function dayPage(folder: string, day: DayRecord, parts: readonly Pick<Part, 'name' | 'title'>[]): string {
  const results = readResults(folder);
  const { adapter, starts } = day;
  const warning = adapter.software
    ? [
        '> **This adapter computes on the CPU.** The day was tried here; its times say nothing about a GPU, and with `--quick` ' +
          'they are few and short.',
        '',
      ]
    : [];
  const sections = [
    machine(results.doctor),
    partsTable(day, parts),
    limits(results),
    tests(results),
    steps(results),
    tuning(results),
    bench(results),
    recipe(results, folder),
    study(results, folder),
    stacked(results),
  ];
  return [
    `# A GPU day on ${adapter.name}`,
    '',
    ...warning,
    `Written by \`npm run gpu-day\` (docs/gpu-day.md), ${starts.length === 1 ? 'in one start' : `in ${starts.length} starts`}: ` +
      `${starts.map(({ started, budgetSeconds }) => `${started.slice(0, 10)} with ${minutes(budgetSeconds)}`).join(', ')}.`,
    '',
    ...sections.flatMap((lines) => (lines.length === 0 ? [] : [...lines, ''])),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[], left = 1): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, column) => (column < left ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)];
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function machine(doctor: Doctor | undefined): string[] {
  if (doctor?.adapter === undefined || doctor.adapter === null) return [];
  const { adapter, node, dawn, cpu, project } = doctor;
  const features = Object.entries(adapter.features).map(([name, has]) => `${name}${has ? '' : ' (no)'}`);
  const lanes = adapter.subgroups === undefined ? [] : [`subgroups of ${[...new Set(adapter.subgroups)].join(' to ')}`];
  return table(
    ['', ''],
    [
      ['adapter', adapter.name],
      ['driver', adapter.driver],
      ['features', [...features, ...lanes].join(', ')],
      [
        'limits',
        Object.entries(adapter.limits)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
      ],
      ['host', `${cpu.cores} × ${cpu.model}, Node ${node.version}, npm webgpu ${dawn}, project ${project}`],
    ],
    2,
  );
}

function partsTable({ parts }: DayRecord, all: readonly Pick<Part, 'name' | 'title'>[]): string[] {
  const rows = all.map(({ name, title }) => {
    const record = parts[name];
    if (record === undefined) return [name, title, 'not reached', '', ''];
    const { outcome, seconds, starts, reason = '' } = record;
    const time = seconds === 0 ? '' : `${minutes(seconds)}${starts > 1 ? ` in ${starts} starts` : ''}`;
    return [name, title, outcome === 'finished' ? outcome : `**${outcome}**`, time, reason];
  });
  const failures = all.flatMap(({ name }) => {
    const { lastLines = [] } = parts[name] ?? {};
    return lastLines.length === 0 ? [] : ['', `The last lines of \`${name}\`:`, '', '```', ...lastLines, '```'];
  });
  return ['## What was done', '', ...table(['part', '', 'outcome', 'time', 'why'], rows, 5), ...failures];
}

function limits({ limits: found, pytorch }: Results): string[] {
  if (found === undefined) return [];
  const copies = found.copies.map(({ bytes, medianGigabytesPerSecond, bestGigabytesPerSecond }) => [
    `copy, ${bytes / 2 ** 20} MiB read and written`,
    `${medianGigabytesPerSecond.toFixed(1)} GB/s`,
    `${bestGigabytesPerSecond.toFixed(1)} GB/s`,
  ]);
  const { bestGigaflopsPerSecond, loop } = found.multiplyAdds;
  const theirs = pytorch.map(({ limit }) => limit.bestGigaflopsPerSecond);
  return [
    '## Limits',
    '',
    ...table(
      ['', 'median', 'best'],
      [
        [`multiply-adds in WGSL (${loop})`, NONE, `${bestGigaflopsPerSecond.toFixed(1)} GFLOP/s`],
        ...(theirs.length === 0
          ? []
          : [['float32 matrix product of PyTorch, 8192³', NONE, `${Math.max(...theirs).toFixed(1)} GFLOP/s`]]),
        ...copies,
      ],
    ),
  ];
}

function tests({ tests: report }: Results): string[] {
  if (report === undefined) return [];
  const sum = (count: 'passed' | 'failed' | 'skipped'): number =>
    report.files.reduce((total, file) => total + file[count], 0);
  const failing = report.files.filter(({ failed }) => failed > 0);
  const notices = report.files.flatMap(({ path, notices: lines }) => lines.map((line) => `- \`${path}\`: ${line}`));
  return [
    '## Tests of kernels and gradients',
    '',
    `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped, in ${report.files.length} files.`,
    ...(notices.length === 0 ? [] : ['', ...notices]),
    ...failing.flatMap(({ path, output = '' }) => ['', `\`${path}\`:`, '', '```', output.trimEnd(), '```']),
  ];
}

/** Milliseconds of PyTorch's rows of a name, by way; of a product's layouts the faster counts. */
function waysOf(rows: readonly PyTorchRow[], { group, name }: Pick<BenchRow, 'group' | 'name'>): Map<string, number> {
  const ways = new Map<string, number>();
  for (const row of rows) {
    if (row.group !== group || row.name !== name) continue;
    ways.set(row.mode, Math.min(row.medianMs, ways.get(row.mode) ?? Infinity));
  }
  return ways;
}

const MODES = ['eager', 'graphs', 'compile', 'compile-graphs'] as const;

/** Rows of the benchmark, with the ratio of the engine's time to PyTorch's. */
function benchTable(rows: readonly BenchRow[], pytorch: Results['pytorch'], modes: readonly string[]): string[] {
  const theirs = pytorch.flatMap((report) => report.rows);
  const present = modes.filter((mode) => theirs.some((row) => row.mode === mode));
  return table(
    [
      '',
      'tile',
      'median ms',
      'best ms',
      'rate',
      'of the limit',
      ...present.map((mode) => `PyTorch ${mode} ms`),
      ...present.map((mode) => `÷ ${mode}`),
    ],
    rows.map((row) => {
      const ways = waysOf(theirs, row);
      const times = present.map((mode) => ways.get(mode));
      return [
        row.name,
        row.tile === '' ? NONE : row.tile,
        row.medianMs.toFixed(3),
        row.minMs.toFixed(3),
        `${row.rate.toFixed(1)} ${row.unit}`,
        `${(100 * row.ofLimit).toFixed(0)} %`,
        ...times.map((ms) => (ms === undefined ? NONE : ms.toFixed(3))),
        ...times.map((ms) => (ms === undefined ? NONE : (row.medianMs / ms).toFixed(2))),
      ];
    }),
    2,
  );
}

const RATIO = 'A ratio is the engine’s median over PyTorch’s: below 1 the engine is faster.';

function steps({ bench: report, pytorch }: Results): string[] {
  const rows = (report?.rows ?? []).filter(({ group }) => group === 'step');
  if (rows.length === 0) return [];
  const [first] = pytorch;
  const versions =
    first === undefined
      ? 'PyTorch was not measured.'
      : `PyTorch ${first.torch}, CUDA ${first.cuda ?? 'none'}. ${RATIO}`;
  return ['## Training steps', '', ...benchTable(rows, pytorch, MODES), '', versions];
}

function bench({ bench: report, pytorch }: Results): string[] {
  const rows = (report?.rows ?? []).filter(({ group }) => group !== 'step');
  if (rows.length === 0) return [];
  const groups = [...new Set(rows.map(({ group }) => group))];
  return [
    '## Benchmarks',
    '',
    `The limit of products is that of multiply-adds, of all else a copy of the same footprint. ${RATIO}`,
    ...groups.flatMap((group) => {
      const own = rows.filter((row) => row.group === group);
      const hasPeer = own.some(
        (row) =>
          waysOf(
            pytorch.flatMap((each) => each.rows),
            row,
          ).size > 0,
      );
      return ['', `### ${group}`, '', ...benchTable(own, hasPeer ? pytorch : [], MODES)];
    }),
  ];
}

function tuning({ tuning: found }: Results): string[] {
  if (found === undefined || found.products.length === 0) return [];
  const compared = found.products.map((product) => ({ product, ...gains(product) }));
  const surprises = compared
    .filter(({ overLikely }) => overLikely > 1)
    .sort((a, b) => b.overLikely - a.overLikely)
    .slice(0, MOST_SURPRISES);
  const mean = (values: readonly number[]): string => {
    const known = values.filter(Number.isFinite);
    return Math.exp(known.reduce((sum, value) => sum + Math.log(value), 0) / known.length).toFixed(2);
  };
  return [
    '## Tuning',
    '',
    `All tiles were measured for ${found.products.length} products. Geometric means of the time over that of the fastest tile: ` +
      `${mean(compared.map(({ overFixed }) => overFixed))} for the tile without measuring, ` +
      `${mean(compared.map(({ overLikely }) => overLikely))} for the best of those that ordinary tuning measures.`,
    ...(surprises.length === 0
      ? []
      : [
          '',
          'Products whose fastest tile ordinary tuning leaves out:',
          '',
          ...table(
            ['product', 'fastest', 'its ms', 'best likely tile’s time, times that'],
            surprises.map(({ product, overLikely }) => {
              const tile = bestTile(product);
              return [product.name, tile, (product.times[tile] ?? NaN).toFixed(3), overLikely.toFixed(2)];
            }),
            2,
          ),
        ]),
  ];
}

/** Time of the tile without measuring, and of the best likely tile, over that of the fastest tile. */
function gains(product: TunedProduct): { readonly overFixed: number; readonly overLikely: number } {
  const { times, likely, fixed } = product;
  const fastest = times[bestTile(product)] ?? NaN;
  const ofLikely = likely.flatMap((tile) => times[tile] ?? []);
  return {
    overFixed: (times[fixed] ?? NaN) / fastest,
    overLikely: ofLikely.length === 0 ? NaN : Math.min(...ofLikely) / fastest,
  };
}

const metricHeads = SHOWN.map((name) => METRICS[name].title);

function metricCells(metrics: Readonly<Record<MetricName, number | null>> | null): string[] {
  return SHOWN.map((name) => {
    const value = metrics?.[name] ?? null;
    return value === null ? NONE : formatMetric(name, value);
  });
}

function picture(folder: string, name: string, alt: string): string[] {
  return existsSync(join(folder, 'images', name)) ? ['', `![${alt}](images/${name})`] : [];
}

function recipe({ recipe: found }: Results, folder: string): string[] {
  if (found === undefined) return [];
  const { diagnosis, dataset } = found;
  return [
    '## The default recipe at full width',
    '',
    `z_dim 100, ${dataset}, ${diagnosis.iteration} iterations, judged by ${diagnosis.samples} samples: **${diagnosis.verdict.name}**.`,
    '',
    ...table(metricHeads, [metricCells(diagnosis.metrics)], 0),
    ...picture(folder, 'recipe.png', 'samples'),
    ...picture(folder, 'recipe-curves.png', 'losses and accuracies'),
  ];
}

function study({ study: found }: Results, folder: string): string[] {
  if (found === undefined) return [];
  const { iterations } = found.settings;
  const rows = found.runs.map((run) => {
    const last = run.evaluations.at(-1);
    const verdict: VerdictName | undefined = run.verdict ?? last?.verdict;
    const speed = run.iterationsPerSecond;
    return [
      run.zDim.toString(),
      run.iterations.toLocaleString('en'),
      speed === null ? NONE : speed.toFixed(1),
      run.verdict === null && verdict !== undefined
        ? `${verdict} (at ${last?.iteration.toLocaleString('en') ?? ''})`
        : (verdict ?? NONE),
      ...metricCells(run.metrics ?? last?.metrics ?? null),
    ];
  });
  const unfinished = found.runs.filter(({ outcome }) => outcome !== 'finished').length;
  return [
    '## The article’s study',
    '',
    `Of ${iterations.toLocaleString('en')} iterations each. ` +
      (unfinished === 0
        ? `Every run is finished and measured by ${found.settings.samples.toLocaleString('en')} samples.`
        : `${unfinished} of ${found.runs.length} runs are not finished: their figures are those of their last evaluation.`),
    '',
    ...table(['z_dim', 'iterations', 'per second', 'verdict', ...metricHeads], rows),
    ...picture(folder, 'study-dimensions.png', 'metrics against the dimension of z'),
    ...found.runs.flatMap(({ name, zDim }) =>
      picture(folder, `study-strip-${name}.png`, `z_dim ${zDim}: the same z over the iterations`),
    ),
  ];
}

function stacked({ stacked: found }: Results): string[] {
  if (found === undefined) return [];
  const cells = (modes: number, divergence: number): string[] => [modes.toFixed(0), divergence.toFixed(3)];
  return [
    '## Stacked MNIST',
    '',
    ...table(
      ['', 'iterations', 'modes of 1,000', 'KL', 'modes of sure samples', 'time'],
      [
        ...found.runs.map(({ label, iteration, modes, divergence, sureModes, seconds }) => [
          label,
          iteration.toLocaleString('en'),
          ...cells(modes, divergence),
          sureModes.toFixed(0),
          seconds === null ? NONE : minutes(seconds),
        ]),
        ['real images', NONE, ...cells(found.real.modes, found.real.divergence), NONE, NONE],
      ],
    ),
    '',
    'Published figures, and what differs from their protocol: [stacked-mnist.md](stacked-mnist.md).',
  ];
}
