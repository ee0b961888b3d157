/** @file `npm run schemas`: writes what is published from the sources: JSON schemas and the tables in docs/. Tests check both. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { publishedSchemas } from '../src/study/schemas.js';
import { withMetricsTable } from './lib/metricsDocs.js';
import { withRunSettingsTable, withSettingsTable } from './lib/settingsDocs.js';

const folder = new URL('../schemas/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas())) {
  writeFileSync(new URL(name, folder), await format(JSON.stringify(schema), { parser: 'json', printWidth: 120 }));
}

const metrics = new URL('../docs/metrics.md', import.meta.url);
writeFileSync(metrics, withMetricsTable(readFileSync(metrics, 'utf8')));

const losses = new URL('../docs/losses.md', import.meta.url);
writeFileSync(losses, await format(withSettingsTable(readFileSync(losses, 'utf8')), { parser: 'markdown' }));

const commands = new URL('../docs/command-line.md', import.meta.url);
writeFileSync(commands, await format(withRunSettingsTable(readFileSync(commands, 'utf8')), { parser: 'markdown' }));
