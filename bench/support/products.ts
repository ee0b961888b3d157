/**
 * @file Counts the arithmetic of a GAN's step from the shapes of its products.
 */
import type { Engine } from '../../src/autograd/engine.js';
import type { GemmProblem } from '../../src/kernels/gemm/problem.js';
import type { Gan } from '../../src/gan/gan.js';

/** The products of a step, one for each dispatch: the tuner is asked for a tile for each, so it is listened to. */
export function productsOf(engine: Engine, gan: Gan): GemmProblem[] {
  const { tuner } = engine;
  const choose = tuner.choose.bind(tuner);
  const problems: GemmProblem[] = [];
  tuner.choose = (problem) => {
    problems.push(problem);
    return choose(problem);
  };
  try {
    engine.device.trace(() => gan.step());
  } finally {
    tuner.choose = choose;
  }
  return problems;
}

/** Floating-point operations of products: two for each multiply-add, those with padding counted. */
export function operationsOf(problems: readonly GemmProblem[]): number {
  return problems.reduce((total, { multiplyAdds }) => total + 2 * multiplyAdds, 0);
}
