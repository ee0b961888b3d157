/**
 * @file `npm run coverage`: runs the tests (all, or those of the given words) and reports which lines and branches of src/
 * they reach, as a summary here and in detail in coverage/index.html.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './lib/prepare.mjs';
import { ROOT, runMain, runNode } from './lib/run.mjs';

const FOLDER = join(ROOT, 'coverage');
const RAW = join(FOLDER, 'raw');
const C8 = join(ROOT, 'node_modules', 'c8', 'bin', 'c8.js');

await runMain(async () => {
  await prepare();
  rmSync(FOLDER, { recursive: true, force: true });
  const code = await runNode(['--import', 'tsx', 'test/run.ts', ...process.argv.slice(2)], { NODE_V8_COVERAGE: RAW });
  const folders = ['--temp-directory', RAW, '--reports-dir', FOLDER];
  const reporters = ['--reporter', 'text-summary', '--reporter', 'html'];
  // `--all` counts files that no test loads; the merge reads one process's data after the other, which are large.
  await runNode([C8, 'report', '--include', 'src/**', '--all', '--merge-async', ...folders, ...reporters]);
  return code;
});
