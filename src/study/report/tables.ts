/**
 * @file The tables of a report: the dimensions with mean and spread over seeds, and the runs one by one.
 */
import { VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';
import type { DimensionResult, Results, RunResult, Spread } from '../measure/results.js';
import {
  betterKey,
  headingOf,
  type MetricName,
  shownMetric,
  SUMMARY_METRICS,
  TABLE_METRICS,
} from '../measure/summaryMetrics.js';
import { html, type Html } from './html.js';
import { classOfVerdict } from './style.js';

/** A row a dimension. */
export function dimensionsTable({ dimensions, settings }: Results): Html {
  const many = settings.seeds.length > 1;
  const key = betterKey(TABLE_METRICS.map((name) => SUMMARY_METRICS[name].better));
  return html`<div class="wide" tabindex="0" role="region" aria-label="Results by dimension">
      <table>
        <thead>
          <tr>
            <th scope="col">z_dim</th>
            <th scope="col" class="text">verdict</th>
            ${TABLE_METRICS.map(
              (name) =>
                html`<th scope="col" title="${SUMMARY_METRICS[name].about}">${headingOf(SUMMARY_METRICS[name])}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${dimensions.map(
            (dimension) =>
              html`<tr>
                <th scope="row">${dimension.zDim}</th>
                <td class="text">${verdictsOf(dimension)}</td>
                ${TABLE_METRICS.map((name) => html`<td>${spreadCell(name, dimension.metrics[name])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">
      ${many ? `Mean ± standard deviation over ${settings.seeds.length} seeds. ` : ''}${key}. –: not measured.
    </p>`;
}

function spreadCell(name: MetricName, spread: Spread | null): Html {
  if (spread === null) return html`–`;
  const { mean, deviation } = spread;
  if (deviation === null) return html`${shownMetric(name, mean)}`;
  return html`${shownMetric(name, mean)} <span class="spread">± ${shownMetric(name, deviation)}</span>`;
}

/** How many of a dimension's runs got which verdict; the number is left out where it is one of one. */
export function verdictsOf({ verdicts, runs }: Pick<DimensionResult, 'verdicts' | 'runs'>): Html {
  const given = VERDICTS.filter((name) => verdicts[name] > 0);
  if (given.length === 0) return html`–`;
  const parts = given.map((name) => {
    const number = runs > 1 ? `${verdicts[name]} ` : '';
    return html`<div>${verdictMark(name, `${number}${name}`)}</div>`;
  });
  return html`${parts}`;
}

/** A verdict with its sign, which is its shape in the charts. */
function verdictMark(name: VerdictName, text: string): Html {
  return html`<span class="verdict ${classOfVerdict(name)}">${text}</span>`;
}

/** What is measured with an interval. */
const INTERVALS = ['divergence', 'totalVariation'] as const;

/** A value, and below it the ends of its interval. */
function intervalCell({ diagnosis }: RunResult, name: (typeof INTERVALS)[number]): Html {
  if (diagnosis === null) return html`–`;
  const { value, low, high } = diagnosis.labels[name];
  const ends = [low, high].map((end) => shownMetric(name, end)).join(' … ');
  return html`${shownMetric(name, value)} <span class="spread">${ends}</span>`;
}

/** A row a run. */
export function runsTable({ runs }: Results): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="Runs">
    <table>
      <thead>
        <tr>
          <th scope="col">run</th>
          <th scope="col">z_dim</th>
          <th scope="col">seed</th>
          <th scope="col" class="text">training</th>
          <th scope="col">iterations</th>
          <th scope="col">minutes</th>
          <th scope="col" class="text">verdict</th>
          ${INTERVALS.map((name) => html`<th scope="col">${SUMMARY_METRICS[name].title} <span class="spread">95 % interval</span></th>`)}
          <th scope="col" class="text">why</th>
        </tr>
      </thead>
      <tbody>
        ${runs.map(
          (run) =>
            html`<tr>
              <th scope="row"><code>${run.folder}</code></th>
              <td>${run.zDim}</td>
              <td>${run.seed}</td>
              <td class="text">${run.outcome}</td>
              <td>${run.iterations.toLocaleString('en')}</td>
              <td>${run.seconds === null ? '–' : (run.seconds / 60).toFixed(1)}</td>
              <td class="text">${run.verdict === null ? '–' : verdictMark(run.verdict, run.verdict)}</td>
              ${INTERVALS.map((name) => html`<td>${intervalCell(run, name)}</td>`)}
              <td class="text why">${whyOf(run)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function whyOf({ problem, complaints, diagnosis }: RunResult): Html {
  const why = problem ?? diagnosis?.verdict.reasons.join('; ');
  return html`${why}${complaints.map((complaint) => html`<div><strong>${complaint}</strong></div>`)}`;
}
