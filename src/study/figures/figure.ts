/**
 * @file Defines a figure of a study: a file in `figures/`, and an image in the report.
 */
import { renderChart } from '../../figures/chart.js';
import { encodePng, type RasterImage } from '../../figures/png.js';

export interface Figure {
  /** Name of its files, without extension. */
  readonly name: string;
  /** Alternative text for readers who cannot see it. */
  readonly alt: string;
  /** Explains how to read it. */
  readonly caption: string;
  readonly png: Uint8Array;
  /** Only for charts. */
  readonly svg?: string;
}

/** Name and texts of a figure, without its image. */
export type FigureTexts = Pick<Figure, 'name' | 'alt' | 'caption'>;

/** Makes a figure of a raster image. */
export function pictureFigure(texts: FigureTexts, picture: RasterImage): Figure {
  return { ...texts, png: encodePng(picture) };
}

/** Makes a figure of a chart. */
export async function chartFigure(texts: FigureTexts, spec: Parameters<typeof renderChart>[0]): Promise<Figure> {
  return { ...texts, ...(await renderChart(spec)) };
}
