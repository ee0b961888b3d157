/**
 * @file Charts: a Vega-Lite specification becomes SVG and PNG, in the house's look, without a browser or a network.
 */
import { createHash } from 'node:crypto';
import type { Loader, LoggerInterface, Spec } from 'vega';
import type { Config, TopLevelSpec } from 'vega-lite';
import { COLOURS, NEUTRALS, SERIES, withDarkStyle } from './palette.js';

/** A chart, drawn. */
export interface Chart {
  /** Dark where the reader's system is. Its text is in the family Inter, which it does not contain: see `fontFaces`. */
  readonly svg: string;
  /** Twice the SVG's size in pixels. */
  readonly png: Uint8Array;
}

declare module 'vega' {
  /** How Vega lays out text; replacing `width` is its documented use, but its types leave it out. */
  export const textMetrics: { width: (item: TextItem, text: unknown) => number };
}

interface TextItem {
  readonly font?: string;
  readonly fontSize?: number;
  readonly fontStyle?: string;
  readonly fontWeight?: string | number;
  /** Pixels after which Vega cuts the text; 0 is none. */
  readonly limit?: number;
}

const PIXEL_RATIO = 2;

const INK = NEUTRALS.ink.light;
const QUIET_INK = NEUTRALS.quiet.light;
const FAINT = NEUTRALS.faint.light;

/** The house's look. A specification's own settings win over it. */
const LOOK: Config = {
  background: NEUTRALS.ground.light,
  padding: 16,
  font: 'Inter',
  title: {
    anchor: 'start',
    color: INK,
    fontSize: 16,
    fontWeight: 600,
    frame: 'group',
    offset: 14,
    subtitleColor: QUIET_INK,
    subtitleFontSize: 12,
    subtitlePadding: 6,
    subtitleLineHeight: 16,
  },
  view: { stroke: null, discreteWidth: { step: 40 }, discreteHeight: { step: 28 } },
  mark: { color: COLOURS.blue },
  axis: {
    domainColor: QUIET_INK,
    gridColor: FAINT,
    labelColor: QUIET_INK,
    labelFontSize: 11,
    labelPadding: 6,
    tickColor: QUIET_INK,
    tickSize: 4,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 400,
    titlePadding: 10,
  },
  axisY: { domain: false, ticks: false },
  axisX: { grid: false },
  axisXDiscrete: { labelAngle: 0 },
  header: {
    labelColor: INK,
    labelFontSize: 12,
    labelFontWeight: 600,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 400,
  },
  legend: {
    labelColor: INK,
    labelFontSize: 12,
    labelLimit: 0,
    symbolBaseFillColor: QUIET_INK,
    symbolBaseStrokeColor: QUIET_INK,
    symbolStrokeWidth: 2,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 600,
  },
  range: {
    category: [...SERIES],
    diverging: { scheme: 'blueorange' },
    heatmap: { scheme: 'viridis' },
    ramp: { scheme: 'viridis' },
  },
  line: { strokeWidth: 2, strokeJoin: 'round', strokeCap: 'butt' },
  point: { size: 40, filled: true, opacity: 1 },
  text: { color: INK, fontSize: 12 },
  rule: { color: QUIET_INK },
};

/**
 * Draws a chart. Its data must be in the specification: nothing is loaded from a network or a file. The same
 * specification gives the same bytes.
 *
 * @throws Error if Vega-Lite warns about the specification, as the chart would differ from it; if an expression fails; or if
 *   it names data or a picture to load
 */
export async function renderChart(spec: TopLevelSpec): Promise<Chart> {
  // Imported late: loading takes half a second, and most commands draw no chart.
  const [vega, vegaLite, { createCanvas }, fonts] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('@napi-rs/canvas'),
    import('./fonts.js'),
  ]);
  fonts.registerFonts();
  const ruler = createCanvas(1, 1).getContext('2d');
  vega.textMetrics.width = (item, text) => measure(ruler, item, text);

  const complaints: string[] = [];
  const compiled: Spec = vegaLite.compile(spec, { config: LOOK, logger: listener(complaints, 'warnings too') }).spec;
  throwIfAny(complaints);
  const options = { renderer: 'none', loader: refusingLoader(complaints), logger: listener(complaints) } as const;
  const view = new vega.View(vega.parse(compiled), options);
  try {
    await view.runAsync();
    const svg = uniqueIds(await view.toSVG());
    const { width, height } = sizeOf(svg);
    const canvas = createCanvas(Math.ceil(width * PIXEL_RATIO), Math.ceil(height * PIXEL_RATIO));
    await view.toCanvas(PIXEL_RATIO, { externalContext: canvas.getContext('2d') });
    throwIfAny(complaints);
    return { svg: withDarkStyle(svg), png: await canvas.encode('png') };
  } finally {
    view.finalize();
  }
}

/** Vega's own estimate, for want of a canvas, is 0.8 em a letter: half as wide again as Inter is. */
function measure(
  ruler: { font: string; measureText(text: string): { width: number } },
  item: TextItem,
  text: unknown,
): number {
  const { fontStyle = 'normal', fontWeight = 'normal', fontSize = 11, font = 'Inter', limit = 0 } = item;
  ruler.font = `${fontStyle} ${fontWeight} ${fontSize}px ${font}`;
  const words = typeof text === 'string' || typeof text === 'number' ? String(text).trim() : '';
  const { width } = ruler.measureText(words);
  return limit > 0 ? Math.min(limit, width) : width;
}

function listener(complaints: string[], warnings?: 'warnings too'): LoggerInterface {
  const collect = (...words: unknown[]): void => void complaints.push(words.map(String).join(' '));
  const logger: LoggerInterface = {
    level: () => logger,
    error: (...words) => (collect(...words), logger),
    warn: (...words) => (warnings !== undefined && collect(...words), logger),
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** Vega draws on without what it could not load, so what is refused is noted down as well. */
function refusingLoader(complaints: string[]): Loader {
  const refuse = (uri: string): Promise<never> => {
    const complaint = `charts load nothing, but this one asks for ${uri}; put the data into the specification`;
    complaints.push(complaint);
    return Promise.reject(new Error(complaint));
  };
  const sanitize: Loader['sanitize'] = (uri, { context }) => {
    // A link in the SVG loads nothing.
    return context === 'href' ? Promise.resolve({ href: uri }) : refuse(uri);
  };
  return { load: refuse, sanitize, http: refuse, file: refuse };
}

function throwIfAny(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new Error(`renderChart: ${[...new Set(complaints)].join('; ')}`);
}

/** Vega counts clip paths and gradients across all charts; here they tell charts apart even when inlined in one page. */
function uniqueIds(svg: string): string {
  const names = new Map<string, string>();
  const pattern = /(\bid="|url\(#)((?:clip|(?:p_)?gradient_)\d+)\b/g;
  const renamed = svg.replaceAll(pattern, (_, before: string, id: string) => {
    const name = names.get(id) ?? `chart-id-${names.size}`;
    names.set(id, name);
    return before + name;
  });
  const hash = createHash('sha256').update(renamed).digest('hex').slice(0, 8);
  return renamed.replaceAll(/(\bid="|url\(#)chart-id-/g, `$1chart-${hash}-`);
}

function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /<svg[^>]*? width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  if (width === undefined || height === undefined) throw new Error('renderChart: the SVG does not tell its size');
  return { width: Number(width), height: Number(height) };
}
