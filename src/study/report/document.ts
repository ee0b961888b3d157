/**
 * @file A report as one HTML document that holds all it shows, and loads nothing: its frame, and its figures.
 */
import { fontFaces } from '../../figures/fonts.js';
import type { Figure } from '../figures/figure.js';
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

/** A chart is part of the page, so that its letters are the page's; a picture is a data URI. */
export function figureOf({ name, alt, caption, png, svg }: Figure): Html {
  const picture =
    svg === undefined
      ? html`<img class="pixels" src="data:image/png;base64,${Buffer.from(png).toString('base64')}" alt="${alt}" />`
      : html`<div class="chart">${labelled(svg, alt)}</div>`;
  return html`<figure id="${name}">
    ${picture}
    <figcaption>${caption}</figcaption>
  </figure> `;
}

/** Says what an SVG shows; the groups in it say, to a screen reader, each line's coordinates. */
function labelled(svg: string, alt: string): Html {
  const quiet = svg.replaceAll(/ (?:role|aria-roledescription|aria-label)="[^"]*"/g, '');
  return new Html(quiet.replace('<svg', `<svg role="img" aria-label="${escapeHtml(alt)}"`));
}
