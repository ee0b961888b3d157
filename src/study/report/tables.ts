/**
 * @file Renders the tables of a report: dimensions with mean and spread over seeds, and single runs.
 */
import { VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';
import type { DimensionResult, Results, RunResult, Spread } from '../measure/results.js';
import { betterKey, formatMetric, headingOf } from '../../evaluation/metricText.js';
import { METRIC_NAMES, type MetricName, METRICS } from '../../evaluation/registry.js';
import { TABLE_METRICS } from './glossary.js';
import { html, type Html } from './html.js';
import { classOfVerdict } from './style.js';

/** One row for each dimension. */
export function dimensionsTable({ dimensions, settings }: Results): Html {
  const many = settings.seeds.length > 1;
  const key = betterKey(TABLE_METRICS.map((name) => METRICS[name].better));
  return html`<div class="wide" tabindex="0" role="region" aria-label="Results by dimension">
      <table>
        <thead>
          <tr>
            <th scope="col">z_dim</th>
            <th scope="col" class="text">verdict</th>
            ${TABLE_METRICS.map(
              (name) => html`<th scope="col" title="${METRICS[name].about}">${headingOf(METRICS[name])}</th>`,
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
  if (deviation === null) return html`${formatMetric(name, mean)}`;
  return html`${formatMetric(name, mean)} <span class="spread">± ${formatMetric(name, deviation)}</span>`;
}

/** The number of runs with each verdict; omitted for a single run. */
export function verdictsOf({ verdicts, runs }: Pick<DimensionResult, 'verdicts' | 'runs'>): Html {
  const given = VERDICTS.filter((name) => verdicts[name] > 0);
  if (given.length === 0) return html`–`;
  const parts = given.map((name) => {
    const number = runs > 1 ? `${verdicts[name]} ` : '';
    return html`<div>${verdictMark(name, `${number}${name}`)}</div>`;
  });
  return html`${parts}`;
}

/** A verdict with its sign, the shape that it has in the charts. */
function verdictMark(name: VerdictName, text: string): Html {
  return html`<span class="verdict ${classOfVerdict(name)}">${text}</span>`;
}

/** A value, and below it the ends of its interval. */
function intervalCell({ diagnosis }: RunResult, name: MetricName): Html {
  const value = diagnosis?.metrics[name] ?? null;
  const interval = diagnosis?.intervals[name];
  if (value === null || interval === undefined) return html`–`;
  const ends = [interval.low, interval.high].map((end) => formatMetric(name, end)).join(' … ');
  return html`${formatMetric(name, value)} <span class="spread">${ends}</span>`;
}

/** One row for each run. */
export function runsTable({ runs }: Results): Html {
  const estimates = METRIC_NAMES.filter((name) =>
    runs.some(({ diagnosis }) => diagnosis?.intervals[name] !== undefined),
  );
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
          ${estimates.map((name) => html`<th scope="col">${METRICS[name].title} <span class="spread">95 % interval</span></th>`)}
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
              ${estimates.map((name) => html`<td>${intervalCell(run, name)}</td>`)}
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
