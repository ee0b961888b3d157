/**
 * @file Writes the chart and the tables of speed in README.md and docs/performance.md.
 *
 *     npm run bench:publish -- RESULTS.json …    from results of `npm run bench:peers` or `npm run bench` in bench/results/
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { drawChart } from './peers/chart.js';
import { readResults } from './peers/results.js';
import { misuse, parseFlags } from './support/flags.js';
import { readRows } from './support/report.js';
import { formatPage, withKernelTable, withPeerTables, type SpeedPages } from './support/speedTables.js';

const { positionals: paths } = parseFlags(import.meta.url, { allowPositionals: true, options: {} });
if (paths.length === 0) misuse('there are no results to publish');

const urls = {
  readme: new URL('../README.md', import.meta.url),
  performance: new URL('../docs/performance.md', import.meta.url),
};
let pages: SpeedPages = {
  readme: readFileSync(urls.readme, 'utf8'),
  performance: readFileSync(urls.performance, 'utf8'),
};
for (const path of paths) {
  if (path.endsWith('-peers.json')) {
    const report = readResults(path);
    for (const chart of await drawChart(report)) console.log(`Chart: ${chart}`);
    pages = withPeerTables(pages, path, report);
  } else {
    pages = { ...pages, performance: withKernelTable(pages.performance, path, { rows: readRows(path) }) };
  }
}
for (const page of ['readme', 'performance'] as const) {
  writeFileSync(urls[page], await formatPage(pages[page]));
}
