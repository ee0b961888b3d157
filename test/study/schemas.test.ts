/**
 * @file The published JSON schemas are those of the sources.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { publishedSchemas } from '../../src/study/schemas.js';

const SCHEMAS = new URL('../../schemas/', import.meta.url);

test('the published schemas are those of the sources', () => {
  const made = publishedSchemas();
  assert.equal(readdirSync(SCHEMAS).sort(), Object.keys(made).sort(), 'run `npm run schemas`');
  for (const [name, schema] of Object.entries(made)) {
    const plain: unknown = JSON.parse(JSON.stringify(schema));
    const published: unknown = JSON.parse(readFileSync(new URL(name, SCHEMAS), 'utf8'));
    assert.equal(published, plain, `schemas/${name} is out of date: run \`npm run schemas\``);
  }
});

test.run();
