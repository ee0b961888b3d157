/**
 * @file Writes charts as SVG and PNG.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { renderChart } from '../../src/figures/chart.js';

/** Writes `folder/name.svg` and `folder/name.png`. @returns the latter's path, absolute */
export async function writePicture(folder: string, name: string, spec: TopLevelSpec): Promise<string> {
  const { svg, png } = await renderChart(spec);
  const target = resolve(folder);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, `${name}.svg`), svg);
  writeFileSync(join(target, `${name}.png`), png);
  return join(target, `${name}.png`);
}
