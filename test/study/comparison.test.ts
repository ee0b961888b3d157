/**
 * @file What a comparison makes of its studies, without a GPU.
 *
 * @expensive trains the runs of comparisons
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ComparisonDescription,
  comparisonFiles,
  folderName,
  readComparison,
  sharingFolder,
  studyPath,
} from '../../src/study/comparison/comparison.js';
import { worstOf } from '../../src/study/comparison/comparisonFigure.js';
import { openComparison } from '../../src/study/comparison/comparisonFolder.js';
import {
  collectComparison,
  type ComparedStudy,
  ComparisonResults,
} from '../../src/study/comparison/comparisonResults.js';
import { reportComparison } from '../../src/study/comparison/reportComparison.js';
import { escapeHtml } from '../../src/study/report/html.js';
import { measureRuns } from '../../src/study/measure/measurement.js';
import { reportStudy } from '../../src/study/report/reportStudy.js';
import { type StudyDataset, StudyError } from '../../src/study/plan/studyDescription.js';
import { diagnosisOf } from './diagnoses.js';
import { FakeMeasurer, fakeGenerator, newStudy, putRun, SETTINGS, STUDY } from './fabricated.js';

const root = mkdtempSync(join(tmpdir(), 'comparison-test-'));
test.after(() => rmSync(root, { recursive: true }));

const { dataset } = STUDY;
const METHODS = ['bce', 'wgan-gp critic-steps=2'];
const COMPARISON = { methods: METHODS, settings: SETTINGS, dataset };

/** A study whose runs make so many digits, and train at so many iterations a second by seed. */
async function studyOf(
  path: string,
  method: string,
  modes: number,
  speeds: readonly number[],
  images: Partial<StudyDataset> = {},
): Promise<ComparedStudy> {
  const folder = newStudy(studyPath(path, method), {}, images);
  for (const run of folder.runs) {
    const iterationsPerSecond = speeds[Number(run.seed) - 1] ?? 1;
    putRun(folder, run, { iterationsPerSecond });
  }
  const [verdict, support] = modes === 10 ? (['healthy', null] as const) : (['collapsed', 40] as const);
  await measureRuns(folder, new FakeMeasurer((zDim) => diagnosisOf({ zDim, modes, verdict, support })));
  const results = await reportStudy(folder, fakeGenerator);
  folder.close();
  return { method, results };
}

const LINKED = /figures: it is a link, and links are not followed here$/;

test('a comparison has a row for each method and dimension, with the mean and spread of its seeds', async () => {
  const path = join(root, 'made');
  const studies = [await studyOf(path, 'bce', 3, [10, 20]), await studyOf(path, 'wgan-gp critic-steps=2', 10, [5, 5])];
  const results = await reportComparison(path, COMPARISON, studies, ['compare', 'wgan-gp critic-steps=2']);
  assert.equal(ComparisonResults.parse(JSON.parse(readFileSync(join(path, 'results.json'), 'utf8'))), results);
  assert.equal(
    results.rows.map(({ method, zDim, study }) => `${method}, ${zDim}: ${study}`),
    [
      'bce, 5: studies/bce',
      'bce, 2: studies/bce',
      'wgan-gp critic-steps=2, 5: studies/wgan-gp-critic-steps-2',
      'wgan-gp critic-steps=2, 2: studies/wgan-gp-critic-steps-2',
    ],
  );
  const [bce, , wgan] = results.rows;
  if (bce === undefined || wgan === undefined) throw new Error('there are rows missing');
  // 100 and 50 milliseconds.
  assert.equal(bce.millisecondsPerIteration, { mean: 75, deviation: Math.sqrt(2 * 25 ** 2), runs: 2 });
  assert.is(bce.metrics.modes?.mean, 3);
  assert.is(worstOf(bce), 'collapsed');
  assert.is(worstOf(wgan), 'healthy');
  const table = readFileSync(join(path, 'table.md'), 'utf8').trimEnd().split('\n');
  assert.is(table.length, 6);
  assert.match(table[2] ?? '', /^\| bce \| 5 \| 2 collapsed \| 3\.0 ± 0\.0 \|/);
  assert.match(table[2] ?? '', /\| 40 ± 0 \| 75 ± 35 \|$/);
  assert.match(table[4] ?? '', /\| – \| 200 ± 0 \|$/);
  const conditions = 'digits, dcgan at width 0.125, 4 iterations, seeds 1 and 2, measured by 10,000 samples';
  const page = readFileSync(join(path, 'report.html'), 'utf8');
  assert.match(page, /href="studies\/wgan-gp-critic-steps-2\/report\.html"/);
  // The table and the page show the same.
  const titles = ['modes ↑', 'label KL divergence ↓', 'Fréchet distance ↓', 'recall ↑', 'coverage ↑'];
  const numbered = [...titles, 'support ↑', 'ms/iteration ↓'];
  assert.is(table[0], `| method | z_dim | verdict | ${numbered.join(' | ')} |`);
  for (const title of numbered) assert.ok(page.includes(`>${title}</th>`), title);
  for (const cell of (table[2] ?? '').split(' | ').slice(3, -1)) assert.ok(page.includes(`<td>${cell}</td>`), cell);
  assert.ok(page.includes(`Each method at each z_dim on ${conditions}.`));
  assert.ok(page.includes(`the finished runs on ${conditions}`), 'in the figure as well');
  assert.ok(page.includes(`<pre>${escapeHtml("node dist/cli compare 'wgan-gp critic-steps=2'")}</pre>`));
  assert.not.match(page, /(?:src|href)="https?:/);
  const words = [...page.matchAll(/<dt>([^<]*)<\/dt>/g)].map(([, word = '']) => word);
  const headings = ['method', 'z_dim', 'verdict', ...numbered.map((title) => title.replace(/ [↑↓].*/, ''))];
  assert.equal(words, headings, 'the glossary explains each column');
  assert.match(page, /class="chart"[^>]*tabindex="0"[^>]*role="region"[^>]*aria-label="/);
  for (const name of ['comparison.png', 'comparison.svg', 'samples.png']) {
    assert.ok(existsSync(join(path, 'figures', name)), name);
  }
});

test('methods on other images are not put into one table', async () => {
  const path = join(root, 'mixed');
  const other = { kind: 'mnist', name: 'mnist/train', sha256: '1b2c'.repeat(16) };
  const studies = [await studyOf(path, 'bce', 3, [1, 1], other), await studyOf(path, 'hinge', 3, [1, 1])];
  assert.throws(
    () => collectComparison({ ...COMPARISON, dataset: { ...dataset, ...other } }, studies, []),
    (error: unknown) =>
      error instanceof StudyError &&
      /study of hinge is on digits \(SHA-256 (?:0af9)+\), the comparison on mnist\/train \(SHA-256 (?:1b2c)+\)/.test(
        error.message,
      ),
  );
});

test('a comparison tells of what is not begun, not finished, and damaged', async () => {
  const path = join(root, 'parts');
  const folder = newStudy(studyPath(path, 'bce'));
  for (const run of folder.runs.slice(0, 3)) putRun(folder, run, run.zDim === 2 ? { outcome: 'stopped' } : {});
  truncateSync(join(folder.runPath(folder.runs[0]!), 'images', 'fixed-000004.png'), 100);
  const results = await reportStudy(folder, fakeGenerator);
  folder.close();
  const { unfinished: left, complaints } = await reportComparison(path, COMPARISON, [{ method: 'bce', results }], []);
  assert.equal(left, [
    'bce: z2-seed1 is unfinished',
    'bce: z2-seed2 is not begun',
    'wgan-gp critic-steps=2: not begun',
  ]);
  assert.is(complaints.length, 1);
  assert.match(complaints.join(), /^bce: z5-seed1: no strip: .*fixed-000004\.png is damaged/);
  const page = readFileSync(join(path, 'report.html'), 'utf8');
  for (const line of [...left, 'is damaged']) assert.ok(page.includes(line), line);

  // A link in the place of its figures leads anywhere, and is not followed.
  const { figures } = comparisonFiles(path);
  renameSync(figures, `${figures}-moved`);
  symlinkSync(`${figures}-moved`, figures);
  for (const name of readdirSync(figures)) rmSync(join(figures, name));
  const again = reportComparison(path, COMPARISON, [{ method: 'bce', results }], []);
  const problem = await again.then(String, String);
  assert.match(problem, LINKED);
  assert.equal(readdirSync(figures), []);
});

const DESCRIPTION: ComparisonDescription = {
  format: 'zdim-gan-lab/comparison/1',
  created: STUDY.created,
  methods: METHODS,
  settings: SETTINGS,
  dataset,
};

test('a comparison that another process began in the folder meanwhile stays as it is', () => {
  const path = join(root, 'meanwhile');
  openComparison(path, DESCRIPTION, undefined).close();
  const begun = readComparison(path);
  assert.equal(begun, DESCRIPTION);
  const other = { ...DESCRIPTION, methods: ['hinge'] };
  const message = /another process has begun or changed the comparison in .*meanwhile; run the command again$/;
  assert.throws(() => openComparison(path, other, undefined), message);
  assert.equal(readComparison(path), DESCRIPTION);
  writeFileSync(comparisonFiles(path).comparison, JSON.stringify(other));
  assert.throws(() => openComparison(path, DESCRIPTION, begun), message);
  openComparison(path, other, other).close();
});

test('a link in the place of a comparison’s figures is refused when it is taken', () => {
  const [path, outside] = [join(root, 'linked'), join(root, 'outside')];
  mkdirSync(outside);
  writeFileSync(join(outside, '.comparison.png.999999999.tmp'), 'mine');
  openComparison(path, DESCRIPTION, undefined).close();
  symlinkSync(outside, comparisonFiles(path).figures);
  assert.throws(() => openComparison(path, DESCRIPTION, readComparison(path)), LINKED);
  assert.equal(readdirSync(outside), ['.comparison.png.999999999.tmp']);
});

test('each method has a folder of its own, with a name that any system takes', () => {
  assert.is(folderName('bce label-smoothing=0.1'), 'bce-label-smoothing-0.1');
  assert.equal(sharingFolder(['bce', 'wgan clip=1e-2', 'wgan clip=1e+2']), ['wgan clip=1e-2', 'wgan clip=1e+2']);
  assert.equal(sharingFolder(['wgan clip=1e-2', 'wgan clip=1E-2']), ['wgan clip=1e-2', 'wgan clip=1E-2']);
  assert.is(sharingFolder(['wgan clip=1e-2', 'wgan clip=0.1']), undefined);
});

test.run();
