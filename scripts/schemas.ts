/** @file `npm run schemas`: writes the published JSON schemas from the sources. A test says when that was forgotten. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { publishedSchemas } from '../src/study/schemas.js';

const folder = new URL('../schemas/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas())) {
  writeFileSync(new URL(name, folder), await format(JSON.stringify(schema), { parser: 'json', printWidth: 120 }));
}
