/**
 * @file Packs images, and appends the channel with the spread of a batch, by loops over indices.
 */
import type { MinibatchStddevOptions } from '../../src/kernels/options.js';
import { addScalar, sqrt, square, sub } from './elementwise.js';
import { mean } from './reduce.js';
import { broadcastTo, concat, reshape, slice } from './shape.js';
import { type Array64, array64 } from './tensor.js';

/** Images m·i, m·i + 1, ... as the channels of image i. */
export function packImages(x: Array64, count: number): Array64 {
  const [n, h, w, c] = [x.shape[0]!, x.shape[1]!, x.shape[2]!, x.shape[3]!];
  const y = array64([n / count, h, w, count * c]);
  for (let image = 0; image < n; image++)
    for (let pixel = 0; pixel < h * w; pixel++)
      for (let channel = 0; channel < c; channel++) {
        const pack = Math.floor(image / count);
        const packed = (pack * h * w + pixel) * count * c + (image % count) * c + channel;
        y.data[packed] = x.data[(image * h * w + pixel) * c + channel]!;
      }
  return y;
}

/** Group by group: the deviation of each feature over the images, the mean of those, as one more channel. */
export function minibatchStddev(x: Array64, { groups = 1 }: MinibatchStddevOptions = {}): Array64 {
  const size = x.shape[0]! / groups;
  const channels = Array.from({ length: groups }, (_, group) => {
    const part = slice(x, group * size, size);
    const centred = sub(part, mean(part, { axes: [0], keepDims: true }));
    const deviations = sqrt(addScalar(mean(square(centred), { axes: [0] }), 1e-8));
    return broadcastTo(reshape(mean(deviations), [1, 1]), [part.data.length / x.shape.at(-1)!, 1]).data;
  });
  const channel = array64([...x.shape.slice(0, -1), 1], Float64Array.from(channels.flatMap((values) => [...values])));
  return concat(x, channel, -1);
}
