/**
 * @file Tests the list of metrics: what is derived from it as text, and the table in docs/metrics.md.
 */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { betterKey, betterSign, formatMetric, formatSingle, headingOf } from '../../src/evaluation/metricText.js';
import { MetricValues } from '../../src/evaluation/diagnosis.js';
import { byMetric, METRIC_NAMES, METRICS, metricsWith, worseOf } from '../../src/evaluation/registry.js';
import { withMetricsTable } from '../../scripts/lib/metricsDocs.js';

test('docs/metrics.md has the table of the list', () => {
  const path = new URL('../../docs/metrics.md', import.meta.url);
  const text = readFileSync(path, 'utf8');
  assert.is(text, withMetricsTable(text), 'docs/metrics.md is out of date: run `npm run schemas`');
});

test('targets are the values of real images, and each target says in which direction faults lie', () => {
  const targets = metricsWith(({ better }) => typeof better === 'number');
  assert.equal(
    targets.map((name) => [name, METRICS[name].better]),
    [
      ['variety', 1],
      ['density', 1],
      ['similarity', 0],
      ['memorised', 0.01],
    ],
  );
  for (const name of metricsWith(({ better, sign }) => typeof better === 'number' || sign !== undefined)) {
    assert.type(worseOf(name), 'string', name);
  }
});

test('titles are unique, and names are those of a record of all metrics', () => {
  assert.is(new Set(METRIC_NAMES.map((name) => METRICS[name].title)).size, METRIC_NAMES.length);
  assert.equal(Object.keys(byMetric(() => 0)), [...METRIC_NAMES]);
});

test('records of an older version without a metric have null for it; unknown metrics and values out of range are refused', () => {
  const { kernel: _, ...older } = byMetric((): number | null => null);
  assert.is(MetricValues.parse(older).kernel, null);
  assert.not(MetricValues.safeParse({ ...older, unknown: 1 }).success);
  assert.not(MetricValues.safeParse({ ...older, recall: 1.1 }).success);
  assert.not(MetricValues.safeParse({ ...older, frechet: NaN }).success);
});

test('signs, headings, their key, and values as text', () => {
  assert.equal([betterSign('more'), betterSign('less'), betterSign(1), betterSign(undefined)], ['↑', '↓', '→ 1', '']);
  assert.is(headingOf(METRICS.variety), 'variety → 1');
  assert.is(headingOf(METRICS.effectiveDimension), 'effective dimension');
  assert.is(betterKey([1, 'less', undefined, 0, 'less']), '↓: less is better, → 0: best at 0, → 1: best at 1');
  assert.is(betterKey([undefined]), '');
  assert.equal([formatMetric('modes', 10), formatMetric('kernel', -0.0125)], ['10.0', '−0.013']);
  assert.equal([formatSingle('modes', 10), formatSingle('recall', 0.5)], ['10', '0.50']);
});

test.run();
