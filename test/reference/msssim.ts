/**
 * @file MS-SSIM of two images by its formulas, with nested loops: Wang, Simoncelli and Bovik 2003.
 */

/** A grey image, [side, side] in [0, 1]. */
export interface Grey {
  readonly side: number;
  readonly pixels: readonly number[];
}

export interface SsimScale {
  readonly window: number;
  readonly deviation: number;
  readonly power: number;
}

const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

/** The product over the scales of mean cs, at the last of mean l · cs, each to its power over the sum of the powers. */
export function msssim(first: Grey, second: Grey, scales: readonly SsimScale[]): number {
  const all = scales.reduce((sum, { power }) => sum + power, 0);
  let [x, y, product] = [first, second, 1];
  scales.forEach((scale, index) => {
    const { ssim, contrast } = ssimMeans(x, y, scale);
    product *= Math.max(0, index === scales.length - 1 ? ssim : contrast) ** (scale.power / all);
    [x, y] = [halved(x), halved(y)];
  });
  return product;
}

/** The means of l · cs and of cs over all places of the window. */
function ssimMeans(x: Grey, y: Grey, { window, deviation }: SsimScale): { ssim: number; contrast: number } {
  const weight = (row: number, column: number): number => {
    const centre = (window - 1) / 2;
    return Math.exp(-((row - centre) ** 2 + (column - centre) ** 2) / (2 * deviation ** 2));
  };
  const places = x.side - window + 1;
  let [ssim, contrast] = [0, 0];
  for (let top = 0; top < places; top++)
    for (let left = 0; left < places; left++) {
      let [total, meanX, meanY] = [0, 0, 0];
      const forEach = (visit: (w: number, a: number, b: number) => void): void => {
        for (let row = 0; row < window; row++)
          for (let column = 0; column < window; column++) {
            const at = (top + row) * x.side + left + column;
            visit(weight(row, column), x.pixels[at]!, y.pixels[at]!);
          }
      };
      forEach((w, a, b) => {
        total += w;
        meanX += w * a;
        meanY += w * b;
      });
      meanX /= total;
      meanY /= total;
      let [varianceX, varianceY, covariance] = [0, 0, 0];
      forEach((w, a, b) => {
        varianceX += (w / total) * (a - meanX) ** 2;
        varianceY += (w / total) * (b - meanY) ** 2;
        covariance += (w / total) * (a - meanX) * (b - meanY);
      });
      const luminance = (2 * meanX * meanY + C1) / (meanX ** 2 + meanY ** 2 + C1);
      const cs = (2 * covariance + C2) / (varianceX + varianceY + C2);
      ssim += (luminance * cs) / places ** 2;
      contrast += cs / places ** 2;
    }
  return { ssim, contrast };
}

/** Means of 2 × 2 blocks. */
function halved({ side, pixels }: Grey): Grey {
  const half = Math.floor(side / 2);
  const at = (row: number, column: number): number => pixels[row * side + column]!;
  const blocks = Array.from({ length: half * half }, (_, index) => {
    const [row, column] = [2 * Math.floor(index / half), 2 * (index % half)];
    return (at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1)) / 4;
  });
  return { side: half, pixels: blocks };
}
