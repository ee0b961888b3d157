/**
 * @file `report.html` of a comparison: its table and figures on one page, which loads nothing and leads to the studies.
 */
import type { Figure } from '../figures/figure.js';
import { figureOf, pageOf } from '../report/document.js';
import { html, type Html } from '../report/html.js';
import { verdictsOf } from '../report/tables.js';
import { COLUMNS, spreadText } from './columns.js';
import type { ComparisonResults } from './comparisonResults.js';
import { conditionsOf } from './conditions.js';

/** The page, from a comparison's results and figures. */
export function comparisonPage(results: ComparisonResults, figures: readonly Figure[]): string {
  const { dataset, command, adapters, versions } = results;
  const title = 'What keeps the modes of a GAN';
  return pageOf(
    `${title}: ${dataset.name}`,
    html`<header>
        <h1>${title}</h1>
        <p class="quiet">Each method at each z_dim on ${conditionsOf(results)}.</p>
      </header>
      <main>
        ${told('Not finished', results.unfinished)} ${told('Not whole', results.complaints)} ${table(results)}
        ${figures.map(figureOf)}
        <section id="made">
          <h2>How it was made</h2>
          <pre>${command}</pre>
          <ul class="hash">
            <li>Images: ${dataset.name}, ${dataset.count.toLocaleString('en')} images, SHA-256 ${dataset.sha256}</li>
            ${adapters.map((adapter) => html`<li>Device: ${adapter}</li>`)}
            <li>Versions: ${Object.entries(versions).map(([name, version]) => `${name} ${version} `)}</li>
          </ul>
        </section>
      </main>`,
  );
}

function told(what: string, lines: readonly string[]): Html | undefined {
  if (lines.length === 0) return undefined;
  return html`<p><strong>${what}:</strong></p>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}

function table({ rows }: ComparisonResults): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="Results by method and dimension">
      <table>
        <thead>
          <tr>
            <th scope="col" class="text">method</th>
            <th scope="col">z_dim</th>
            <th scope="col" class="text">verdict</th>
            ${COLUMNS.map(
              ({ title, about, better }) =>
                html`<th scope="col" title="${about}">${title} ${better === 'high' ? '↑' : '↓'}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <th scope="row" class="text"><a href="${row.study}/report.html">${row.method}</a></th>
                <td>${row.zDim}</td>
                <td class="text">${verdictsOf(row)}</td>
                ${COLUMNS.map((column) => html`<td>${spreadText(column, column.of(row))}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">↑: more is better, ↓: less is. –: not measured. A method's name leads to its study.</p>`;
}
