/**
 * @file The style sheet of a report: one column, light or dark by the reader's system, for screens and paper.
 */
import { darkRules, NEUTRALS, type Tone } from '../../figures/palette.js';
import { VERDICTS } from '../../evaluation/diagnosis.js';
import { VERDICT_LOOKS } from '../figures/verdictShape.js';
import { Html } from './html.js';

const { ink, quiet, ground } = NEUTRALS;

const LOOKS = VERDICTS.map((name) => ({ className: classOfVerdict(name), ...VERDICT_LOOKS[name] }));

/** The class of a verdict's mark. */
export function classOfVerdict(name: string): string {
  return name.replace(' ', '-');
}

/** Custom properties that hold the tones for one ground. */
function tones(side: keyof Tone): string {
  const verdicts = LOOKS.map(({ className, colour }) => `--${className}: ${colour[side]};`);
  return [`--ink: ${ink[side]}; --quiet: ${quiet[side]}; --ground: ${ground[side]};`, ...verdicts].join(' ');
}

/**
 * CSS. Charts take the page's colours, dark where the reader's system is; pictures of digits keep theirs. Paper is white
 * for all.
 */
export const STYLE = new Html(`
:root { color-scheme: light dark; ${tones('light')} --line: #d9d9d9; --faint: #f4f4f4; --link: #0059a0; }
@media screen and (prefers-color-scheme: dark) {
  :root { ${tones('dark')} --line: #3d4147; --faint: #22252a; --link: #7cc0f5; }
  ${darkRules('.chart')}
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
figure img, figure svg { display: block; max-width: 100%; height: auto; border-radius: 4px; }
figure img { background: #fff; }
figure img.pixels { padding: 8px; }
figcaption, .note { font-size: .875rem; line-height: 1.4; margin-top: .4rem; max-width: 46rem; }
figure .chart { overflow-x: auto; }
figure .chart svg { min-width: calc(.75 * var(--natural)); }
.several figure .chart svg { min-width: 0; }
.several { columns: 2 24rem; column-gap: 1.2rem; }
.several figure:first-child { margin-top: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .55rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
td.text, th.text { white-space: normal; }
tbody th.text { min-width: min(20rem, 42vw); overflow-wrap: anywhere; }
td.why { min-width: 14rem; overflow-wrap: anywhere; }
thead th { vertical-align: bottom; white-space: normal; font-weight: 600; }
tbody tr:nth-child(even) { background: var(--faint); }
.spread { display: block; color: var(--quiet); font-size: .8rem; }
.verdict { display: inline-block; white-space: nowrap; }
.verdict::before { margin-right: .35em; }
${LOOKS.map(({ className, sign }) => `.${className}::before { content: '${sign}'; color: var(--${className}); }`).join('\n')}
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
