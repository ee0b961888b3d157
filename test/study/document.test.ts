/**
 * @file Figures of a report's page.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { figureOf } from '../../src/study/report/document.js';

test('what a chart shows is said as it is, replacement patterns included', () => {
  const alt = "classes $& $1 $$ $` and $'";
  const figure = { name: 'chart', alt, caption: '', png: Buffer.alloc(0), svg: '<svg width="1"></svg>' };
  const escaped = alt.replace('&', () => '&amp;').replace("'", () => '&#39;');
  assert.ok(
    figureOf(figure).text.includes(`<svg role="img" aria-label="${escaped}" width="1">`),
    figureOf(figure).text,
  );
});

test.run();
