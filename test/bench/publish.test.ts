/** @file The tables of speed in README.md and docs/performance.md are those of the results that they link to. */
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readResults } from '../../bench/peers/results.js';
import { readRows } from '../../bench/support/report.js';
import { formatPage, withKernelTable, withPeerTables } from '../../bench/support/speedTables.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const pages = { readme: read('README.md'), performance: read('docs/performance.md') };

/** The results that a page's table names. */
function linked(page: string, table: string): URL {
  const block = page.slice(page.indexOf(`<!-- ${table} -->`), page.indexOf(`<!-- /${table} -->`));
  const [path] = /bench\/results\/[\w-]+\.json/.exec(block) ?? [];
  assert.ok(path !== undefined, `the table ${table} names no results`);
  const url = new URL(`../../${path}`, import.meta.url);
  assert.ok(existsSync(url), `${path} is not committed`);
  return url;
}

test('the comparison with other libraries is that of its results, on both pages', async () => {
  const { pathname } = linked(pages.performance, 'peers');
  assert.is(linked(pages.readme, 'peers').pathname, pathname);
  const written = withPeerTables(pages, pathname, readResults(pathname));
  assert.is(await formatPage(written.readme), pages.readme);
  assert.is(await formatPage(written.performance), pages.performance);
});

test('the shares of the limit are those of their results', async () => {
  const { pathname } = linked(pages.performance, 'kernels');
  const written = withKernelTable(pages.performance, pathname, { rows: readRows(pathname) });
  assert.is(await formatPage(written), pages.performance);
});

test.run();
