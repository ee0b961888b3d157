/**
 * @file Group normalisation. Wu & He 2018, https://arxiv.org/abs/1803.08494, equations 3 to 5.
 */
import type { GroupNormOptions } from '../../src/kernels/options.js';
import { activate } from './activation.js';
import { type Array64, array64 } from './tensor.js';

/** Each image and group of channels by its own statistics, value by value. */
export function groupNorm(
  x: Array64,
  gamma: Array64,
  beta: Array64,
  { groups, epsilon = 1e-5, activation }: GroupNormOptions,
): Array64 {
  const channels = x.shape.at(-1)!;
  const images = x.shape[0]!;
  const size = x.data.length / images;
  const groupOf = (position: number): number => {
    return Math.floor(position / size) * groups + Math.floor(((position % channels) * groups) / channels);
  };
  const statistics = Array.from({ length: images * groups }, (_, group) => {
    const values = [...x.data].filter((__, position) => groupOf(position) === group);
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance + epsilon) };
  });
  const normalised = x.data.map((value, position) => {
    const { mean, deviation } = statistics[groupOf(position)]!;
    const channel = position % channels;
    return (gamma.data[channel]! * (value - mean)) / deviation + beta.data[channel]!;
  });
  return activate(array64(x.shape, normalised), activation);
}
