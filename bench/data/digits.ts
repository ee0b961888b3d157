/**
 * @file Measures how fast the built-in digits are drawn, on one core without a GPU.
 *
 *     node --import tsx bench/data/digits.ts
 */
import { performance } from 'node:perf_hooks';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { median } from '../support/measure.js';

const COUNT = 10_000;
const RUNS = 7;

/** What a training set of 60,000 must not fall below, so that a run starts within seconds: images a second. */
const LEAST = 5_000;

// Compiled by V8 before it counts.
digitsDataset({ seed: 'warm up', count: COUNT });
const rates = Array.from({ length: RUNS }, (_, run) => {
  const start = performance.now();
  digitsDataset({ seed: `run ${run}`, count: COUNT });
  return (1000 * COUNT) / (performance.now() - start);
});
const told = [median(rates), Math.max(...rates)].map((rate) => Math.round(rate).toLocaleString('en'));
console.log(`built-in digits: median ${told[0] ?? ''}, best ${told[1] ?? ''} images/s (at least ${LEAST} are wanted)`);
if (median(rates) < LEAST) process.exitCode = 1;
