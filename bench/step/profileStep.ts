/**
 * @file Profiles one training step by timestamps: a table of its kernels, and a chart of its dispatches in order.
 */
import type { Plan } from '../../src/gpu/plan/plan.js';
import type { GemmProblem } from '../../src/kernels/gemm/problem.js';
import { productKernel } from '../../src/kernels/gemm/dispatch.js';
import type { Gan } from '../../src/gan/gan.js';
import { dispatchTimes } from './dispatchTimes.js';
import { familyOf } from './families.js';
import { phasesOf } from './phases.js';
import { writePicture } from '../support/pictures.js';
import { profileLines } from './profile.js';
import { profileChart } from './profileChart.js';

interface ProfileOptions {
  /** Of the picture. */
  readonly name: string;
  readonly folder: string;
  /** What the picture says of itself: sizes, adapter. */
  readonly about: readonly string[];
  /** What the step takes when it is replayed without timestamps. */
  readonly stepMs: number;
}

/** @returns lines to print, the picture's path at the end */
export async function profileStep(
  gan: Gan,
  plan: Plan<unknown>,
  problems: readonly GemmProblem[],
  { name, folder, about, stepMs }: ProfileOptions,
): Promise<string[]> {
  const { device, tuner } = gan.engine;
  const times = await dispatchTimes(device, plan);
  if (times === undefined) return ['This device has no timestamps: no profile, no picture of it.'];
  const flops = new Map(
    problems.map((problem) => [productKernel(problem, tuner.choose(problem)).name, 2 * problem.multiplyAdds]),
  );
  const phases = phasesOf(gan);
  const dispatches = plan.commands.map(({ kernel }, index) => {
    const backward = phases.findLast(({ first }) => first <= index)?.backward ?? false;
    return { family: familyOf(kernel, backward), milliseconds: times[index] ?? NaN };
  });
  const picture = await writePicture(folder, name, profileChart(dispatches, phases, { about, stepMs }));
  return [...profileLines(plan.commands, times, flops), `  picture: ${picture}, and as SVG`];
}
