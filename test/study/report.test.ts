/**
 * @file From runs to the report: what is measured and when, the numbers, the figures, and the page that holds them.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng } from '../../src/figures/png.js';
import { type Measurer, measureRuns, type MeasuringCallbacks } from '../../src/study/measure/measurement.js';
import { printedCommand } from '../../src/study/report/document.js';
import { escapeHtml, html } from '../../src/study/report/html.js';
import { reportStudy } from '../../src/study/report/reportStudy.js';
import { collectResults, type Results, spreadOf } from '../../src/study/measure/results.js';
import type { StudyFolder } from '../../src/study/plan/studyFolder.js';
import type { PlannedRun } from '../../src/study/plan/studyPlan.js';
import { dimensionsFigure } from '../../src/study/figures/dimensionCharts.js';
import { lossFigure } from '../../src/study/figures/lossChart.js';
import { spectrumFigure } from '../../src/study/figures/spectrumChart.js';
import { chooseEvenly } from '../../src/study/figures/strip.js';
import { signsFigure, trainingFigure } from '../../src/study/figures/trainingChart.js';
import { headingOf } from '../../src/evaluation/metricText.js';
import { METRIC_NAMES, METRICS } from '../../src/evaluation/registry.js';
import { TABLE_METRICS } from '../../src/study/report/glossary.js';
import { runFiles } from '../../src/training/run/runFiles.js';
import { slow } from '../support/slow.js';
import { diagnosisOf } from './diagnoses.js';
import { fakeGenerator, FakeMeasurer, newStudy, putCheckpoint, putRun } from './fabricated.js';

const root = mkdtempSync(join(tmpdir(), 'report-'));
const open: StudyFolder[] = [];
test.after(() => {
  for (const folder of open) folder.close();
  rmSync(root, { recursive: true });
});

function study(name: string, settings = {}, dataset = {}): StudyFolder {
  const folder = newStudy(join(root, name), settings, dataset);
  open.push(folder);
  return folder;
}

/** A study whose runs are all finished. */
function finished(name: string, settings = {}, dataset = {}): StudyFolder {
  const folder = study(name, settings, dataset);
  for (const run of folder.runs) putRun(folder, run);
  return folder;
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, formats: { 'date-time': true } });

function validate(schema: string, path: string): unknown {
  const text = readFileSync(new URL(`../../schemas/${schema}`, import.meta.url), 'utf8');
  const check = ajv.compile(JSON.parse(text) as object);
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  assert.ok(check(value), ajv.errorsText(check.errors));
  return value;
}

const ALL = ['z5-seed1', 'z2-seed1', 'z5-seed2', 'z2-seed2'];

test('each finished run is measured once, and again for another checkpoint, classifier or count of samples', async () => {
  const folder = finished('once');
  const measurer = new FakeMeasurer();
  await measureRuns(folder, measurer);
  assert.equal(measurer.measured, ALL);
  await measureRuns(folder, measurer);
  assert.is(measurer.measured.length, 4);

  putCheckpoint(folder, folder.runs[1]!, 4, 2);
  await measureRuns(folder, measurer);
  assert.equal(measurer.measured.slice(4), ['z2-seed1']);

  const other = new FakeMeasurer(undefined, { name: 'other', sha256: '00'.repeat(32), accuracy: null });
  await measureRuns(folder, other);
  assert.equal(other.measured, ALL);
  validate('measurement.schema.json', join(folder.files.measurements, 'z2-seed2.json'));
});

test('measuring and drawing report what they do, and how far they are', async () => {
  const folder = finished('progress');
  const phases: string[] = [];
  const fake = new FakeMeasurer();
  const measurer: Measurer = {
    classifier: fake.classifier,
    measure: (run, samples, progress) => {
      progress?.('duplicates', 1, 2);
      return fake.measure(run, samples);
    },
  };
  const news: MeasuringCallbacks = {
    checking: ({ name }, done, total) => phases.push(`${name} ${done}/${total}`),
    measuredBefore: ({ name }) => phases.push(`${name} before`),
    begun: ({ name }, left) => phases.push(`${name}, ${left} left`),
    progress: ({ name }, ...phase) => phases.push(`${name} ${phase.join(' ')}`),
    ended: ({ name }) => phases.push(`${name} ended`),
  };
  await measureRuns(folder, measurer, news);
  assert.equal(phases, [
    ...ALL.map((name, index) => `${name} ${index}/4`),
    ...ALL.flatMap((name, index) => [`${name}, ${4 - index} left`, `${name} duplicates 1 2`, `${name} ended`]),
  ]);
  phases.length = 0;
  await measureRuns(folder, measurer, news);
  assert.equal(
    phases,
    ALL.flatMap((name, index) => [`${name} ${index}/4`, `${name} before`]),
  );

  const single = finished('progress of figures', { zDims: [2], seeds: ['1'] });
  const figures: [string, number, number][] = [];
  await reportStudy(single, fakeGenerator, undefined, (...figure) => figures.push(figure));
  const total = 5 + 1 + 4;
  assert.equal(
    figures.map(([, done, all]) => [done, all]),
    Array.from({ length: total + 1 }, (_, done) => [done, total]),
  );
  assert.ok(figures.some(([figure]) => figure === 'strip of z2-seed1'));
});

test('what is not finished is not measured, and a request to stop keeps what is measured', async () => {
  const folder = study('stopped');
  const [first, second, third] = folder.runs;
  putRun(folder, first!);
  putRun(folder, second!, { outcome: 'stopped' });
  putRun(folder, third!);
  const measurer = new FakeMeasurer();
  const controller = new AbortController();
  await measureRuns(folder, measurer, { ended: () => controller.abort() }, controller.signal);
  assert.equal(measurer.measured, ['z5-seed1']);
  assert.equal(readdirSync(folder.files.measurements), ['z5-seed1.json']);
  await measureRuns(folder, measurer);
  assert.equal(measurer.measured, ['z5-seed1', 'z5-seed2']);
});

test('a damaged measurement is named, and nothing is lost', async () => {
  const folder = finished('damaged');
  await measureRuns(folder, new FakeMeasurer());
  const path = join(folder.files.measurements, 'z2-seed1.json');
  truncateSync(path, 200);
  const before = readdirSync(folder.path, { recursive: true });
  const measurer = new FakeMeasurer();
  for (const attempt of [() => measureRuns(folder, measurer), () => reportStudy(folder, fakeGenerator)]) {
    try {
      await attempt();
      assert.unreachable();
    } catch (error) {
      assert.instance(error, Error);
      assert.match((error as Error).message, /z2-seed1\.json is not JSON: .*; remove it to measure again$/);
    }
  }
  assert.equal([measurer.measured, readdirSync(folder.path, { recursive: true })], [[], before]);
  rmSync(path);
  await measureRuns(folder, measurer);
  assert.equal(measurer.measured, ['z2-seed1']);
});

test('a measurement that holds NaN is refused, and not written; the others are', async () => {
  const folder = finished('nan');
  const measurer = new FakeMeasurer((zDim, seed) => diagnosisOf({ frechet: zDim === 5 && seed === '1' ? NaN : 1 }));
  const problems = await measureRuns(folder, measurer);
  assert.equal([...problems.keys()], ['z5-seed1']);
  const [told = ''] = problems.get('z5-seed1') ?? [];
  assert.match(told, /^not measured: z5-seed1 cannot be measured: diagnosis\.metrics\.frechet: /);
  assert.equal(readdirSync(folder.files.measurements).sort(), ['z2-seed1.json', 'z2-seed2.json', 'z5-seed2.json']);
});

test('a measurement from before its checkpoint was damaged still counts', async () => {
  const folder = finished('damaged later');
  const measurer = new FakeMeasurer();
  await measureRuns(folder, measurer);
  const checkpoints = runFiles(folder.runPath(folder.runs[0]!)).checkpoints;
  truncateSync(join(checkpoints, '000004.safetensors'), 100);
  assert.equal([...(await measureRuns(folder, measurer))], []);
  assert.is(measurer.measured.length, 4);
  assert.is(collectResults(folder).runs[0]?.verdict, 'healthy');
});

test('runs with damaged checkpoints and pictures are reported; the others are measured and drawn', async () => {
  const folder = finished('damages');
  const [first, second, third] = folder.runs;
  const file = (run: PlannedRun | undefined, iteration: number): string =>
    join(runFiles(folder.runPath(run!)).checkpoints, `00000${iteration}.safetensors`);
  // The newest of two, the only one, and a picture; and one that has gone on being written after it was measured.
  putCheckpoint(folder, first!, 2);
  truncateSync(file(first, 4), 100);
  truncateSync(file(second, 4), 100);
  truncateSync(join(runFiles(folder.runPath(third!)).images, 'fixed-000002.png'), 100);
  const measurer = new FakeMeasurer();
  const failed: string[] = [];
  const problems = await measureRuns(folder, measurer, { failed: ({ name }) => failed.push(name) });
  assert.equal(
    [measurer.measured, failed],
    [
      ['z5-seed2', 'z2-seed2'],
      ['z5-seed1', 'z2-seed1'],
    ],
  );
  const older = join(folder.files.measurements, 'z2-seed2.json');
  writeFileSync(older, readFileSync(older, 'utf8').replace('"iteration": 4', '"iteration": 2'));

  const { runs } = await reportStudy(folder, fakeGenerator, problems);
  assert.equal(runs, (validate('results.schema.json', folder.files.results) as Results).runs);
  const expected = [
    [
      /^not measured: .*no usable checkpoint of iteration 4.*000004.*of iteration 2\. Move the run away/,
      /^walk and map are of iteration 2, .*000004/,
    ],
    [/^not measured: no checkpoint in .* is usable/, /^no walk and map: no checkpoint in .* is usable/],
    [/^no strip: .*fixed-000002\.png is damaged/],
    [/^its measurement is of iteration 2, not of the last, 4/],
  ];
  runs.forEach(({ complaints, name }, index) => {
    const patterns = expected[index]!;
    assert.is(complaints.length, patterns.length, `${name}: ${complaints.join('\n')}`);
    patterns.forEach((pattern, place) => assert.match(complaints[place]!, pattern));
  });
  assert.equal(
    runs.map(({ verdict }) => verdict),
    [null, null, 'healthy', null],
  );
  const text = readFileSync(folder.files.report, 'utf8');
  assert.match(text, /Not whole:<\/strong> z5-seed1, z2-seed1, z5-seed2, z2-seed2/);
  for (const { complaints } of runs) for (const each of complaints) assert.ok(text.includes(escapeHtml(each)), each);
  for (const name of ['walk-z5-seed1', 'curves-z2-seed1', 'walk-z5-seed2', 'strip-z2-seed2']) {
    assert.ok(existsSync(join(folder.files.figures, `${name}.png`)), name);
  }
  assert.ok(text.includes('seed 1, after 2 iterations'));
});

test('a run folder that is half written, or of other settings, is named', () => {
  const folder = finished('half');
  const path = runFiles(folder.runPath(folder.runs[0]!)).run;
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, 100));
  assert.throws(() => collectResults(folder), /z5-seed1\/run\.json is not JSON/);
  writeFileSync(path, text.replace('"batch":4', '"batch":8'));
  assert.throws(() => collectResults(folder), /z5-seed1 is a run of other settings: its batch is 8, the study's is 4/);
});

test('a run on other images is named, but for built-in digits of another seed', () => {
  const change = (folder: StudyFolder, index: number): void => {
    const path = runFiles(folder.runPath(folder.runs[index]!)).run;
    writeFileSync(path, readFileSync(path, 'utf8').replace('0af9'.repeat(16), '0bf9'.repeat(16)));
  };
  const digits = finished('other digits');
  change(digits, 2);
  assert.is(collectResults(digits).runs.length, 4);
  change(digits, 0);
  assert.throws(
    () => collectResults(digits),
    /z5-seed1 was trained on other images \(digits, SHA-256 0bf9\w+\) .*move it/,
  );
  const mnist = finished('other mnist', {}, { kind: 'mnist' });
  change(mnist, 2);
  assert.throws(() => collectResults(mnist), /z5-seed2 was trained on other images/);
});

test('mean and sample standard deviation', () => {
  assert.equal(spreadOf([]), null);
  assert.equal(spreadOf([3]), { mean: 3, deviation: null, runs: 1 });
  assert.equal(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]), { mean: 5, deviation: Math.sqrt(32 / 7), runs: 8 });
});

test('results have outcomes, verdicts, means over seeds, and evaluations', async () => {
  const folder = finished('results');
  const [, , diverged] = folder.runs;
  const error = 'the loss is not finite at iteration 3';
  putRun(folder, diverged!, { outcome: 'diverged', to: 3, reason: 'the loss is not finite' });
  await measureRuns(
    folder,
    new FakeMeasurer((zDim, seed) => {
      const verdict = zDim === 2 ? 'collapsed' : 'healthy';
      return diagnosisOf({ zDim, frechet: Number(seed) * 10, verdict });
    }),
  );
  const { dimensions, runs, differences, adapters, classifier, command } = collectResults(folder);
  assert.equal(
    runs.map(({ name, outcome, verdict, iterations, seconds }) => [name, outcome, verdict, iterations, seconds]),
    [
      ['z5-seed1', 'finished', 'healthy', 4, 120],
      ['z2-seed1', 'finished', 'collapsed', 4, 120],
      ['z5-seed2', 'diverged', 'diverged', 3, 120],
      ['z2-seed2', 'finished', 'collapsed', 4, 120],
    ],
  );
  assert.equal(dimensions[0]?.verdicts, { healthy: 1, collapsing: 0, collapsed: 0, 'not learning': 0, diverged: 1 });
  assert.equal(dimensions[0]?.metrics.frechet, { mean: 10, deviation: null, runs: 1 });
  assert.equal(dimensions[1]?.metrics.gap, { mean: 0.5, deviation: 0, runs: 2 });
  assert.is(dimensions[1]?.metrics.support, null);
  assert.equal(dimensions[1]?.metrics.frechet, { mean: 15, deviation: Math.sqrt(50), runs: 2 });
  assert.equal(
    runs[0]?.evaluations.map(({ iteration, metrics }) => [iteration, metrics.modes, metrics.switched]),
    [
      [2, 5, null],
      [4, 10, 0.25],
    ],
  );
  assert.is(runs[2]?.problem, error);
  assert.equal([adapters, classifier?.name], [['llvmpipe (Mesa 25)'], 'digits-article']);
  assert.is(
    command.join(' '),
    'study --z 5,2 --width 0.125 --batch 4 --iterations 4 --sample-every 2 --preset quick --data digits',
  );
  assert.ok(differences.length > 3);
});

interface Page {
  readonly folder: StudyFolder;
  readonly results: Results;
  readonly text: string;
}

let made: Promise<Page> | undefined;

function page(): Promise<Page> {
  made ??= (async () => {
    const folder = finished('page');
    await measureRuns(folder, new FakeMeasurer((zDim) => diagnosisOf({ zDim, modes: zDim + 3 })));
    writeFileSync(join(folder.path, 'mine.txt'), 'a file of the user');
    const results = await reportStudy(folder, fakeGenerator);
    return { folder, results, text: readFileSync(folder.files.report, 'utf8') };
  })();
  return made;
}

test('results.json and study.json are as their published schemas say', async () => {
  const { folder, results } = await page();
  assert.equal(validate('results.schema.json', folder.files.results), results);
  validate('study.schema.json', folder.files.study);
});

test('every figure is a file, and in the page', async () => {
  const { folder, text } = await page();
  const names = readdirSync(folder.files.figures).sort();
  const runs = ALL.flatMap((run) => [
    `curves-${run}.png`,
    `curves-${run}.svg`,
    `map-${run}.png`,
    `strip-${run}.png`,
    `walk-${run}.png`,
  ]);
  const charts = ['dimensions', 'training', 'training-signs', 'loss-against-distance', 'spectrum'];
  const overall = [...charts, 'histogram-z5', 'histogram-z2'].flatMap((name) => [`${name}.png`, `${name}.svg`]);
  assert.equal(names, [...runs, ...overall].sort());
  for (const name of names) {
    const stem = name.replace(/\.\w+$/, '');
    assert.ok(text.includes(`<figure id="${stem}">`), stem);
    if (name.endsWith('.svg')) continue;
    const png = readFileSync(join(folder.files.figures, name));
    assert.ok(decodePng(png).width > 100);
    if (!names.includes(`${stem}.svg`)) assert.ok(text.includes(png.toString('base64')), `${name} is in the page`);
  }
});

test('the strip is the run’s own pictures, side by side', async () => {
  const { folder } = await page();
  const strip = decodePng(readFileSync(join(folder.files.figures, 'strip-z5-seed1.png')));
  const picture = decodePng(readFileSync(join(runFiles(folder.runPath(folder.runs[0]!)).images, 'fixed-000004.png')));
  const half = picture.width / 2;
  assert.is(strip.width, 2 * half + 12);
  for (const [x, y] of [
    [3, 5],
    [100, 200],
    [half - 1, half - 1],
  ] as const) {
    const [at, from] = [4 * (y * strip.width + half + 12 + x), 4 * (2 * y * picture.width + 2 * x)];
    assert.is(strip.rgba[at], picture.rgba[from], `${x}, ${y}`);
  }
});

test('the page loads nothing: no script, link, or reference but to itself and to data', async () => {
  const { text } = await page();
  assert.not.match(text, /<(?:script|link|iframe|object|embed|base|meta http-equiv)\b/i);
  const references = [...text.matchAll(/\b(?:src|href|srcset|poster|action|data)="([^"]*)"/g)].map(
    ([, url = '']) => url,
  );
  assert.ok(references.length > 10);
  for (const url of references) assert.match(url, /^(?:#[\w-]+$|data:image\/png;base64,)/);
  for (const [, url = ''] of text.matchAll(/url\(\s*['"]?([^'")]*)/g))
    assert.match(url, /^(?:#|data:font\/woff2;base64,)/);
  assert.not.match(text, /@import/);
  const namespaces = /\bxmlns(?::\w+)?="[^"]*"/g;
  assert.not.match(text.replace(namespaces, ''), /https?:\/\//);
});

test('the page is whole: ids are unique, links lead somewhere, every picture has words', async () => {
  const { text, results } = await page();
  const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
  assert.is(new Set(ids).size, ids.length);
  for (const [, id] of text.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(id), id);
  for (const [image] of text.matchAll(/<img\b[^>]*>/g)) assert.match(image, /\balt="[^"]{10,}"/);
  for (const [svg] of text.matchAll(/<svg\b[^>]*>/g)) assert.match(svg, /role="img" aria-label="[^"]{10,}"/);
  const intervals = [...text.matchAll(/<span class="spread">(0\.000 … [\d.]+)<\/span>/g)].map(([, ends]) => ends);
  assert.equal(
    intervals,
    ALL.flatMap(() => ['0.000 … 3.000', '0.000 … 1.000']),
    'KL and total variation of each run',
  );
  for (const sentence of results.differences) assert.ok(text.includes(escapeHtml(sentence)), sentence);
  assert.ok(text.includes(escapeHtml(printedCommand(results.command))));
  for (const tag of ['table', 'section', 'figure', 'div', 'p', 'ul', 'tr']) {
    const count = (pattern: string): number => [...text.matchAll(new RegExp(pattern, 'g'))].length;
    assert.is(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }
});

test('charts scroll by the keyboard, follow the system’s colours, and every heading says which values are better', async () => {
  const { text } = await page();
  const charts = [...text.matchAll(/<div\s+class="(?:chart|wide)"[^>]*>/g)].map(([tag]) => tag);
  assert.ok(charts.length > 8);
  for (const tag of charts) assert.match(tag, /tabindex="0"\s+role="region"\s+aria-label="[^"]{4,}"/);
  assert.match(
    text,
    /@media screen and \(prefers-color-scheme: dark\)[^@]*\.chart \[fill="#FFFFFF"\] \{ fill: #17191C; \}/,
  );
  assert.not.match(text.slice(text.indexOf('<body')), '<style>', 'the rules stand in the page once');
  for (const name of TABLE_METRICS) assert.ok(text.includes(`>${headingOf(METRICS[name])}</th>`), name);
  assert.ok(text.includes('>variety → 1</th>') && text.includes('→ 1: best at 1'));
  for (const name of METRIC_NAMES) assert.ok(text.includes(`<dt>${METRICS[name].title}</dt>`), name);
  assert.ok(text.includes('qiita.com/triwave33/items/a5b3007d31d28bc445c2'));
});

slow('a second report is the same; it removes obsolete figures and keeps the user’s files', async () => {
  const { folder, text } = await page();
  writeFileSync(join(folder.files.figures, 'map-z7-seed1.png'), 'of an older report');
  await reportStudy(folder, fakeGenerator);
  assert.ok(readFileSync(folder.files.report, 'utf8') === text);
  assert.not.ok(existsSync(join(folder.files.figures, 'map-z7-seed1.png')));
  assert.ok(existsSync(join(folder.path, 'mine.txt')));
});

test('a study without measurements, with unfinished and diverged runs, is reported', async () => {
  const folder = study('partial');
  const [first, second, third] = folder.runs;
  putRun(folder, first!);
  putRun(folder, second!, { outcome: 'diverged', to: 3, reason: '<b>&"</b>' });
  putRun(folder, third!, { outcome: 'running' });
  for (const gone of [runFiles(folder.runPath(third!)).images, runFiles(folder.runPath(third!)).checkpoints]) {
    rmSync(gone, { recursive: true });
  }
  const results = await reportStudy(folder, fakeGenerator);
  validate('results.schema.json', folder.files.results);
  const text = readFileSync(folder.files.report, 'utf8');
  assert.match(text, /Not finished:<\/strong> z5-seed2, z2-seed2/);
  assert.ok(text.includes('&lt;b&gt;&amp;&quot;&lt;/b&gt; at iteration 3') && !text.includes('<b>'));
  assert.is(results.classifier, null);
  assert.not.ok(existsSync(join(folder.files.figures, 'dimensions.png')));
  assert.ok(existsSync(join(folder.files.figures, 'strip-z5-seed1.png')));
});

test('a study without any run has nothing to report', async () => {
  const folder = study('empty');
  try {
    await reportStudy(folder, fakeGenerator);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /empty has no run to report of yet$/);
  }
  assert.equal(readdirSync(folder.path).sort(), ['.lock', 'study.json']);
});

slow('all charts are drawn for many z_dims and seeds', async () => {
  const folder = finished('many', { zDims: [512, 100, 50, 30, 10, 5, 2, 1], seeds: ['1', '2'] });
  await measureRuns(
    folder,
    new FakeMeasurer((zDim, seed) => diagnosisOf({ zDim, modes: 1 + (zDim % 10), frechet: zDim * Number(seed) })),
  );
  const results = collectResults(folder);
  for (const draw of [dimensionsFigure, trainingFigure, signsFigure, lossFigure, spectrumFigure]) {
    assert.ok((await draw(results))?.svg, draw.name);
  }
});

/** Under another name, since the formatter sets what is named html. */
const put = html;

test('HTML: text is escaped in elements and attributes, HTML is not, arrays are put in part by part', () => {
  const text = `<i a="1">&'`;
  const escaped = '&lt;i a=&quot;1&quot;&gt;&amp;&#39;';
  assert.is(put`<p title="${text}">${text}</p>`.text, `<p title="${escaped}">${escaped}</p>`);
  assert.is(put`<ul>${['<', put`<li>`, undefined, 1.5, ['&']]}</ul>`.text, '<ul>&lt;<li>1.5&amp;</ul>');
});

test('panels are chosen closer at the beginning, first and last among them', () => {
  assert.equal(chooseEvenly([200, 400, 600], 8), [200, 400, 600]);
  const all = Array.from({ length: 99 }, (_, index) => 1000 * (index + 1));
  const chosen = chooseEvenly(all, 8);
  assert.equal([chosen.length, chosen[0], chosen.at(-1)], [8, 1000, 99_000]);
  for (let i = 1; i < chosen.length; i++) assert.ok(chosen[i]! > chosen[i - 1]!);
  assert.equal(chooseEvenly(all.slice(0, 9), 8), [1000, 2000, 3000, 4000, 5000, 6000, 7000, 9000].slice(0, 8));
});

test.run();
