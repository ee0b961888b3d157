/**
 * @file `report.html` of a comparison: its table and figures on one page, which loads nothing and leads to the studies.
 */
import type { Figure } from '../figures/figure.js';
import { figureOf, glossaryOf, pageOf, printedCommand } from '../report/document.js';
import { html, type Html } from '../report/html.js';
import { verdictsOf } from '../report/tables.js';
import { betterKey } from '../../evaluation/metricText.js';
import { COLUMNS } from './columns.js';
import type { ComparisonResults, ComparisonRow } from './comparisonResults.js';
import { cellsOf, type Heading, HEADINGS } from './comparisonTable.js';
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
          <pre>${printedCommand(command)}</pre>
          <ul class="hash">
            <li>Images: ${dataset.name}, ${dataset.count.toLocaleString('en')} images, SHA-256 ${dataset.sha256}</li>
            ${adapters.map((adapter) => html`<li>Device: ${adapter}</li>`)}
            <li>Versions: ${Object.entries(versions).map(([name, version]) => `${name} ${version} `)}</li>
          </ul>
        </section>
        <section id="meaning">
          <h2>What the columns mean</h2>
          ${glossaryOf(HEADINGS.map(({ entry }) => entry))}
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
            ${HEADINGS.map(({ title, entry, align }) => html`<th scope="col" class="${classOf(align)}" title="${entry.about}">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(rowOf)}
        </tbody>
      </table>
    </div>
    <p class="note">
      ${betterKey(COLUMNS.map(({ better }) => better))}. –: not measured, or, of support, no two images are alike. A
      method's name leads to its study.
    </p>`;
}

/** Of each cell what the table has, but that a method leads to its study, and verdicts have their signs. */
function rowOf(row: ComparisonRow): Html {
  const [method, zDim, , ...numbers] = cellsOf(row);
  return html`<tr>
    <th scope="row" class="text"><a href="${row.study}/report.html">${method}</a></th>
    <td>${zDim}</td>
    <td class="text">${verdictsOf(row)}</td>
    ${numbers.map((number) => html`<td>${number}</td>`)}
  </tr>`;
}

function classOf(align: Heading['align']): string {
  return align === 'left' ? 'text' : '';
}
