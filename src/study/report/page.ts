/**
 * @file `report.html`: a study as one page that holds all it shows, and loads nothing.
 */
import { VERDICTS } from '../../evaluation/diagnosis.js';
import { ARTICLE } from './differences.js';
import type { DimensionFigures, StudyFigures } from '../figures/drawStudy.js';
import type { Figure } from '../figures/figure.js';
import { measurementText } from '../measure/measurementText.js';
import type { Results } from '../measure/results.js';
import { GLOSSARY } from './glossary.js';
import { figureOf, glossaryOf, pageOf, printedCommand } from './document.js';
import { html, type Html, type HtmlValue } from './html.js';
import { dimensionsTable, runsTable, verdictsOf } from './tables.js';

/** The page, from a study's results and figures. */
export function reportPage(results: Results, figures: StudyFigures): string {
  const { settings, dataset } = results;
  const title = 'What the dimension of z does to a GAN';
  const body = html`<header>
      <h1>${title}</h1>
      <p class="quiet">${summaryLine(results)}</p>
      <nav aria-label="Contents">
        <ul>
          ${link('all', 'All dimensions')} ${figures.dimensions.map(({ zDim }) => link(`z${zDim}`, `z_dim ${zDim}`))}
          ${link('differences', 'Against the article')} ${link('made', 'How it was made')}
          ${link('meaning', 'What the numbers mean')}
        </ul>
      </nav>
    </header>
    <main>
      ${verdictSentences(results)} ${dimensionsTable(results)}
      ${section('all', 'All dimensions', figures.overall.map(figureOf))}
      ${figures.dimensions.map((dimension) => dimensionSection(results, dimension))}
      ${section('differences', "Against the article's protocol", differences(results))}
      ${section('made', 'How it was made', howMade(results))}
      ${section('meaning', 'What the numbers mean', glossaryOf(GLOSSARY))}
    </main>`;
  return pageOf(`${title}: z_dim ${settings.zDims.join(', ')} on ${dataset.name}`, body);
}

function link(id: string, text: string): Html {
  return html`<li><a href="#${id}">${text}</a></li> `;
}

function section(id: string, title: string, content: HtmlValue): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section> `;
}

function summaryLine({ settings, dataset, classifier }: Results): string {
  const { architecture, objective, width, iterations, seeds, preset } = settings;
  const loss = objective === undefined ? '' : ` by ${objective.loss}`;
  const runs = seeds.length === 1 ? 'one run' : `${seeds.length} runs`;
  const by = classifier === null ? 'not measured yet' : `${measurementText(settings)} each`;
  return (
    `Preset ${preset}: ${architecture}${loss} at width ${width} on ${dataset.name}, ${runs} of ` +
    `${iterations.toLocaleString('en')} iterations for each dimension, ${by}.`
  );
}

/** Which dimensions got which verdict, as a list. */
function verdictSentences({ dimensions, runs }: Results): Html {
  const unfinished = runs.filter(({ outcome }) => outcome !== 'finished' && outcome !== 'diverged');
  const damaged = runs.filter(({ complaints }) => complaints.length > 0);
  const items = VERDICTS.flatMap((name) => {
    const of = dimensions.filter(({ verdicts }) => verdicts[name] > 0);
    if (of.length === 0) return [];
    const found = of.map(({ zDim, verdicts, runs: all }) => {
      return verdicts[name] === all ? `${zDim}` : `${zDim} (${verdicts[name]} of ${all})`;
    });
    return [html`<li><strong>${name}</strong>: z_dim ${found.join(', ')}</li>`];
  });
  return html`${
    items.length === 0
      ? undefined
      : html`<ul>
          ${items}
        </ul>`
  }
  ${unfinished.length === 0 ? undefined : html`<p><strong>Not finished:</strong> ${unfinished.map(({ name }) => name).join(', ')}.</p>`}
  ${damaged.length === 0 ? undefined : html`<p><strong>Not whole:</strong> ${damaged.map(({ name }) => name).join(', ')}; the <a href="#made">table of runs</a> says why.</p>`}`;
}

function dimensionSection(results: Results, figures: DimensionFigures): Html {
  const dimension = results.dimensions.find(({ zDim }) => zDim === figures.zDim);
  const part = (title: string, all: readonly Figure[], className = ''): HtmlValue =>
    all.length === 0
      ? undefined
      : html`<h3>${title}</h3>
          <div class="${className}">${all.map(figureOf)}</div>`;
  return section(`z${figures.zDim}`, `z_dim ${figures.zDim}`, [
    dimension === undefined ? '' : html`<div>${verdictsOf(dimension)}</div>`,
    part('The same z over training', figures.strips),
    part('What it makes of z', [figures.histogram ?? [], figures.walks, figures.maps].flat(), 'several'),
    part('Losses', figures.curves, 'several'),
  ]);
}

function differences({ differences: all }: Results): Html {
  if (all.length === 0) return html`<p>None: this is the article's protocol.</p>`;
  return html`<p>The experiment is that of triwave33's DCGAN article (2018; ${ARTICLE}). What is otherwise here:</p>
    <ul>
      ${all.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>`;
}

function howMade(results: Results): HtmlValue {
  const { dataset, classifier, adapters, versions, command } = results;
  const counted = `${dataset.count.toLocaleString('en')} images`;
  const share = classifier?.accuracy ?? undefined;
  const accuracy = share === undefined ? '' : `, ${(100 * share).toFixed(2)} % right on its test images`;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    html`<pre>${printedCommand(command)}</pre>`,
    html`<ul class="hash">
      <li>Images: ${dataset.name}, ${counted}, SHA-256 ${dataset.sha256}</li>
      ${
        classifier === null
          ? undefined
          : html`<li>Classifier: ${classifier.name}${accuracy}, SHA-256 ${classifier.sha256}</li>`
      }
      ${adapters.map((adapter) => html`<li>Device: ${adapter}</li>`)}
      ${names.length === 0 ? undefined : html`<li>Versions: ${names.join(', ')}</li>`}
    </ul>`,
    runsTable(results),
    html`<p class="quiet">
      The figures are files in <code>figures/</code>, the numbers in <code>results.json</code>.
    </p>`,
  ];
}
