/**
 * @file A figure of a study: a file in `figures/`, and a picture in the report.
 */
import { renderChart } from '../../figures/chart.js';
import { encodePng, type RasterImage } from '../../figures/png.js';

export interface Figure {
  /** Of its files, without their endings. */
  readonly name: string;
  /** What it shows, in words, for those who cannot see it. */
  readonly alt: string;
  /** How to read it. */
  readonly caption: string;
  readonly png: Uint8Array;
  /** Of charts. */
  readonly svg?: string;
}

/** What a figure is called and says, without what it shows. */
export type FigureTexts = Pick<Figure, 'name' | 'alt' | 'caption'>;

/** A figure of pixels. */
export function pictureFigure(texts: FigureTexts, picture: RasterImage): Figure {
  return { ...texts, png: encodePng(picture) };
}

/** A figure of lines and letters. */
export async function chartFigure(texts: FigureTexts, spec: Parameters<typeof renderChart>[0]): Promise<Figure> {
  return { ...texts, ...(await renderChart(spec)) };
}
