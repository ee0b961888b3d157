/**
 * @file The look of a report: one column, light and dark by the reader's system, narrow screens, and paper.
 */
import { Html } from './html.js';

/** CSS. Figures keep a white ground in the dark as well: they are the files in `figures/`, and are printed. */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --ink: #222; --quiet: #595959; --ground: #fff; --line: #d9d9d9; --faint: #f4f4f4; --link: #0059a0;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --quiet: #adadad; --ground: #17191c; --line: #3d4147; --faint: #22252a; --link: #7cc0f5; }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 Inter, system-ui, sans-serif; color: var(--ink); background: var(--ground); }
body { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .8rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.8rem 0 .6rem; }
p, ul { max-width: 46rem; }
a { color: var(--link); }
.quiet, figcaption, .note { color: var(--quiet); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; max-width: none; }
figure { margin: 1rem 0; break-inside: avoid; }
figure img, figure svg { display: block; max-width: 100%; height: auto; background: #fff; border-radius: 4px; }
figure img.pixels { padding: 8px; }
figcaption, .note { font-size: .875rem; line-height: 1.4; margin-top: .4rem; max-width: 46rem; }
figure .chart { overflow-x: auto; }
figure .chart svg { min-width: 34rem; }
.several figure .chart svg { min-width: 0; }
.several { columns: 2 24rem; column-gap: 1.2rem; }
.several figure:first-child { margin-top: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .55rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
td.text { white-space: normal; }
td.why { min-width: 14rem; overflow-wrap: anywhere; }
thead th { vertical-align: bottom; white-space: normal; font-weight: 600; }
tbody tr:nth-child(even) { background: var(--faint); }
.spread { display: block; color: var(--quiet); font-size: .8rem; }
.verdict { display: inline-block; white-space: nowrap; }
.verdict::before { margin-right: .35em; }
.healthy::before { content: '●'; color: #0072b2; }
.collapsing::before { content: '▲'; color: #e69f00; }
.collapsed::before { content: '■'; color: #d55e00; }
.not-learning::before { content: '◆'; color: #cc79a7; }
.diverged::before { content: '✚'; color: #8a8a8a; }
code, pre { font: .85rem/1.5 ui-monospace, monospace; }
pre { background: var(--faint); padding: .7rem .9rem; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
dt { font-weight: 600; }
dd { margin: 0 0 .5rem; }
dl { columns: 2 20rem; column-gap: 2rem; }
dl > div { break-inside: avoid; }
.hash { overflow-wrap: anywhere; }
@media (max-width: 40rem) { html { font-size: 15px; } body { padding-top: 1rem; } }
@media print {
  :root { color-scheme: light; --ink: #000; --quiet: #444; --ground: #fff; --line: #bbb; --faint: #fff; --link: #000; }
  @page { margin: 14mm; }
  html { font-size: 10.5pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  .wide, figure .chart { overflow: visible; }
  figure img, figure svg { max-height: 165mm; }
  figure .chart svg { min-width: 0; }
  th, td { padding: .25rem .3rem; }
  table { font-size: .72rem; }
  figure img.pixels { padding: 0; }
}
`);
