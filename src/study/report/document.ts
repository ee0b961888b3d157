/**
 * @file A report as one HTML document that holds all it shows, and loads nothing: its frame, and its figures.
 */
import { fontFaces } from '../../figures/fonts.js';
import { DARK_STYLE } from '../../figures/palette.js';
import type { Figure } from '../figures/figure.js';
import { betterWords } from '../../evaluation/metricText.js';
import { programWords, shellWord } from '../../host/node/commandLine.js';
import type { GlossaryEntry } from './glossary.js';
import { escapeHtml, html, Html } from './html.js';
import { STYLE } from './style.js';

/** The document around a report's header and main part. */
export function pageOf(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${new Html(fontFaces())}${STYLE}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

/** A stored command as a line for a POSIX shell. */
export function printedCommand(args: readonly string[]): string {
  return [...programWords(), ...args].map(shellWord).join(' ');
}

/** Explains columns: what each is, and which values are better. */
export function glossaryOf(entries: readonly GlossaryEntry[]): Html {
  return html`<dl>
    ${entries.map(
      ({ title, about, better }) =>
        html`<div>
          <dt>${title}</dt>
          <dd>${about}${better === undefined ? '' : `; ${betterWords(better)}`}</dd>
        </div>`,
    )}
  </dl>`;
}

/**
 * A chart is part of the page, so that its letters and colours are the page's; it scrolls where the page is narrow, by
 * the keyboard as well. A picture is a data URI.
 */
export function figureOf({ name, alt, caption, png, svg }: Figure): Html {
  const picture =
    svg === undefined
      ? html`<img class="pixels" src="data:image/png;base64,${Buffer.from(png).toString('base64')}" alt="${alt}" />`
      : html`<div class="chart" ${scrollerOf(name, svg)}>${labelled(svg, alt)}</div>`;
  return html`<figure id="${name}">
    ${picture}
    <figcaption>${caption}</figcaption>
  </figure> `;
}

/** Attributes of a chart's box: it shrinks the chart to a part of its width, and scrolls from there on. */
function scrollerOf(name: string, svg: string): Html {
  const width = /<svg[^>]*? width="([\d.]+)"/.exec(svg)?.[1] ?? '0';
  return html`style="--natural: ${width}px" tabindex="0" role="region" aria-label="Chart ${name}"`;
}

/**
 * Says what an SVG shows; the groups in it say, to a screen reader, each line's coordinates. Its own dark colours go: the
 * page has them once for all charts.
 */
function labelled(svg: string, alt: string): Html {
  const quiet = svg.replace(DARK_STYLE, '').replaceAll(/ (?:role|aria-roledescription|aria-label)="[^"]*"/g, '');
  // By a function: a string may hold patterns such as $&, which stand for what was found.
  return new Html(quiet.replace('<svg', () => `<svg role="img" aria-label="${escapeHtml(alt)}"`));
}
