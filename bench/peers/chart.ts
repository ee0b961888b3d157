/**
 * @file Draws the comparison: each peer's time relative to the engine's, for each case, on a logarithmic axis.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TopLevelSpec } from 'vega-lite';
import { renderChart } from '../../src/figures/chart.js';
import { COLOURS, NEUTRALS } from '../../src/figures/palette.js';
import { OURS } from './peers.js';
import type { PeersReport, PeerSummary } from './results.js';

/** No two have both colour and shape in common. */
const MARKS: readonly (readonly [string, string, string])[] = [
  ['tfjs-webgpu', COLOURS.vermillion, 'circle'],
  ['jax-js', COLOURS.green, 'diamond'],
  ['ort-web', COLOURS.violet, 'square'],
  ['ort-webgpu', COLOURS.blue, 'triangle-up'],
  ['tfjs-wasm', COLOURS.brown, 'cross'],
  ['ort-cpu', COLOURS.grey, 'triangle-down'],
  ['pytorch', COLOURS.purple, 'triangle-left'],
  ['pytorch-openblas', COLOURS.black, 'triangle-right'],
  ['ours-chromium', COLOURS.blue, 'circle'],
  ['tfjs-chromium', COLOURS.vermillion, 'square'],
];

/** Pixels. */
const WIDTH = 560;
const ROW = 21;

/** Draws docs/images/peers.svg and .png. @returns their paths. */
export async function drawChart(report: PeersReport): Promise<string[]> {
  const { svg, png } = await renderChart(peersChart(report));
  const paths = ['svg', 'png'].map((suffix) => {
    return fileURLToPath(new URL(`../../docs/images/peers.${suffix}`, import.meta.url));
  });
  writeFileSync(paths[0] ?? '', svg);
  writeFileSync(paths[1] ?? '', png);
  return paths;
}

export function peersChart(report: PeersReport): TopLevelSpec {
  const rows = report.rows.flatMap(({ group, name, results }) => {
    const ours = results[OURS];
    return ours?.status === 'measured' ? [{ label: labelOf(group, name), ours: ours.medianMs, results }] : [];
  });
  const known = MARKS.flatMap(([name, colour, shape]) => {
    const peer = report.peers.find((one) => one.name === name);
    return peer === undefined ? [] : [{ name, colour, shape, title: titleOf(peer) }];
  });
  const points = rows.flatMap(({ label, ours, results }) => {
    return known.flatMap(({ name, title }) => {
      const result = results[name];
      return result?.status === 'measured' ? [{ label, peer: title, ratio: result.medianMs / ours }] : [];
    });
  });
  const labels = rows.map(({ label }) => label);
  const y = { field: 'label', type: 'nominal' as const, sort: labels };
  const titles = known.map(({ title }) => title);
  const x = {
    field: 'ratio',
    type: 'quantitative' as const,
    scale: { type: 'log' as const, nice: false, padding: 8 },
    axis: {
      title: 'median time, in multiples of this engine’s (which is at the right); beyond 1 is slower',
      grid: true,
      values: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500],
      format: '~g',
    },
  };
  return {
    title: {
      text: 'The same work by this engine and by others',
      subtitle: [
        `${report.adapter}${report.software ? ' (software)' : ''} · ${report.cpuCount} CPUs, ${report.cpu} · ` +
          `float32, batch 32, medians · ${report.date.slice(0, 10)}`,
        'Without WebGPU, on the CPU itself: tfjs WASM, ORT-node CPU, PyTorch. In Chromium: on SwiftShader, not llvmpipe.',
        ...wrongLines(report),
      ],
    },
    width: WIDTH,
    height: { step: ROW },
    data: { values: points },
    layer: [
      {
        data: { values: [{ ratio: 1 }] },
        mark: { type: 'rule', color: NEUTRALS.quiet.light, strokeWidth: 2 },
        encoding: { x },
      },
      {
        mark: { type: 'point', filled: true, size: 64, opacity: 0.95 },
        encoding: {
          x,
          y: { ...y, axis: { title: null, labelLimit: 0, grid: true, labelFontSize: 11 } },
          color: { field: 'peer', scale: { domain: titles, range: known.map(({ colour }) => colour) }, legend: LEGEND },
          shape: { field: 'peer', scale: { domain: titles, range: known.map(({ shape }) => shape) }, legend: LEGEND },
        },
      },
      {
        data: { values: rows.map(({ label, ours }) => ({ label, text: `${shown(ours)} ms` })) },
        mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11, color: NEUTRALS.quiet.light },
        encoding: { x: { value: WIDTH + 8 }, y, text: { field: 'text' } },
      },
    ],
  };
}

const LEGEND = { title: null, orient: 'top' as const, columns: 4, symbolStrokeWidth: 0 };

function labelOf(group: string, name: string): string {
  const plain = group === 'conv' ? name : `${group === 'step' ? 'training step' : group} ${name}`;
  // Inter's Latin files hold no arrows.
  return plain.replaceAll(' → ', ' to ').replaceAll(' ↔ ', ' and ').replace('forward and backward', 'both ways');
}

/** A point that is missing because the peer was wrong or failed must not look like one that was not asked for. */
function wrongLines({ rows, peers }: PeersReport): string[] {
  return peers.flatMap(({ name, title }) => {
    const wrong = rows.filter(({ results }) => {
      return ['wrong result', 'failed'].includes(results[name]?.status ?? '');
    });
    if (wrong.length === 0) return [];
    return [
      `Wrong or failed: ${title} in ${wrong.map((row) => labelOf(row.group, row.name)).join(', ')}`.slice(0, 130),
    ];
  });
}

function titleOf({ title, versions }: PeerSummary): string {
  return `${title} ${Object.values(versions)[0] ?? ''}`.trim();
}

function shown(milliseconds: number): string {
  return milliseconds < 1
    ? milliseconds.toFixed(2)
    : milliseconds < 10
      ? milliseconds.toFixed(1)
      : milliseconds.toFixed(0);
}
