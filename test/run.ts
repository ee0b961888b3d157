/**
 * @file Runs the test files, each in a process of its own: a crash of the GPU driver then costs one file, not the run.
 *
 *     npm test                      everything
 *     npm test -- conv batch-norm   the files whose path holds one of the words
 *     npm test -- --fast            without the tests marked slow (support/slow.ts)
 *
 * The last line is always `N passed, N failed`.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileResult, type Tally, runFile } from './support/run-file.js';
import { parseFlags } from '../bench/support/flags.js';
import { ensureShaderTexts } from '../scripts/lib/shaderTexts.mjs';

ensureShaderTexts();

const AT_ONCE = 2;

const { values, positionals: words } = parseFlags(import.meta.url, {
  allowPositionals: true,
  options: {
    fast: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('.', import.meta.url)) },
    'timeout-seconds': { type: 'string', default: '600' },
  },
});

/** Not through links: dependencies have tests of their own. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });

const findFiles = (root: string): string[] =>
  filesIn(root)
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => words.length === 0 || words.some((word) => relative(root, path).includes(word)))
    .sort();

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

const runAll = async (files: string[]): Promise<FileResult[]> => {
  const queue = [...files];
  const results: FileResult[] = [];
  const worker = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const result = await runFile(path, { timeoutMs: Number(values['timeout-seconds']) * 1000, fast: values.fast });
      results.push(result);
      report(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
};

// An exit of one's own, so that the test processes are ended with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
// The script that started this is gone.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();

const results = await runAll(findFiles(values.root));
const sum = (count: keyof Tally): number => results.reduce((total, { tally }) => total + tally[count], 0);

const failing = results.filter(({ tally }) => tally.failed > 0);
const notices = results.flatMap((result) => result.notices.map((notice) => `${relative('.', result.path)}: ${notice}`));

console.log('');
if (results.length === 0) console.log(`No test file matches${words.length > 0 ? `: ${words.join(' ')}` : ''}`);
if (sum('skipped') > 0) console.log(`${sum('skipped')} skipped`);
for (const notice of notices) console.log(`!! ${notice}`);
for (const result of failing) console.log(describeFile(result));
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
