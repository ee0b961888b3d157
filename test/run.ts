/**
 * @file Runs the test files. Files of one folder share a process, its device and its compiled kernels; two processes run at
 * a time. A crash or a time-out costs one file, and the rest of its batch continues in a new process.
 *
 *     npm test                      all files
 *     npm test -- conv batch-norm   the files whose path contains one of the words
 *     npm test -- --fast            without the files marked expensive and the tests marked slow
 *     npm test -- --timeout-seconds 60   ends a file after this time; 600 by default
 *     npm test -- --jobs 8          test processes at a time; 2 by default
 *     npm test -- --json PATH       results by file to PATH, written after each file
 *     npm test -- --json PATH --resume   without the files that have passed according to PATH
 *
 * Prints a line for each file, the output of failing files, and as the last line `N passed, N failed`.
 * Tags of files: test/support/files.ts. Slow tests: test/support/slow.ts. CI runs all tests, even with --fast.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { misuse, parseFlags } from '../bench/support/flags.js';
import { type FileResult, runBatch, type Tally } from './support/batch.js';
import { findBatches } from './support/files.js';
import { ReportFile } from './support/report.js';
import { ensureShaderTexts } from '../scripts/lib/shaderTexts.mjs';

ensureShaderTexts();

const { values, positionals: words } = parseFlags(import.meta.url, {
  allowPositionals: true,
  options: {
    fast: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    json: { type: 'string' },
    resume: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('.', import.meta.url)) },
    'timeout-seconds': { type: 'string', default: '600' },
  },
});

const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) misuse(`--jobs ${values.jobs}: it takes an integer of at least 1`);
if (values.resume && values.json === undefined) misuse('--resume needs --json PATH');

const reportFile = values.json === undefined ? undefined : ReportFile.open(values.json, values.root, values.resume);
const before = reportFile?.passed ?? [];
const hasPassed = new Set(before.map(({ path }) => path));

/** CI runs every test. */
const fast = values.fast && process.env.CI !== 'true';

const describeFile = ({ path, seconds, tally, problem }: FileResult): string => {
  const mark = tally.failed > 0 ? 'FAIL' : 'ok  ';
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  const counts = `${tally.passed} passed, ${tally.failed} failed${skipped}`;
  return `${mark} ${relative('.', path)}  ${counts}  ${seconds.toFixed(1)} s${problem ? `  (${problem})` : ''}`;
};

const report = (result: FileResult): void => {
  console.log(describeFile(result));
  for (const notice of result.notices) console.log(`  !! ${notice}`);
  if (result.tally.failed > 0) console.log(`${result.output.trimEnd().replace(/^/gm, '     | ')}\n`);
};

const runAll = async (batches: readonly string[][]): Promise<FileResult[]> => {
  const queue = batches
    .map((batch) => batch.filter((path) => !hasPassed.has(relative(values.root, path))))
    .filter((batch) => batch.length > 0);
  const results: FileResult[] = [];
  const options = {
    timeoutMs: Number(values['timeout-seconds']) * 1000,
    fast,
    report: (result: FileResult): void => {
      results.push(result);
      report(result);
      reportFile?.add(result);
    },
  };
  const worker = async (): Promise<void> => {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) await runBatch(batch, options);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
};

// By process.exit, so that the exit handlers end the test processes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
// The script that started this has ended.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();

const results = await runAll(findBatches({ root: values.root, words, fast }));
const tallies: readonly Tally[] = [...before, ...results.map(({ tally }) => tally)];
const sum = (count: keyof Tally): number => tallies.reduce((total, tally) => total + tally[count], 0);

const failing = results.filter(({ tally }) => tally.failed > 0);
const notices = results.flatMap((result) => result.notices.map((notice) => `${relative('.', result.path)}: ${notice}`));

console.log('');
if (before.length > 0) console.log(`${before.length} files have passed before: ${values.json ?? ''}`);
if (tallies.length === 0) console.log(`No test file matches${words.length > 0 ? `: ${words.join(' ')}` : ''}`);
if (sum('skipped') > 0) console.log(`${sum('skipped')} skipped`);
for (const notice of notices) console.log(`!! ${notice}`);
for (const result of failing) console.log(describeFile(result));
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
