/**
 * @file Callbacks by which an evaluation reports its progress.
 */

/** Is called while a computation runs; `done` of `total` parts are complete. */
export type PartProgress = (done: number, total: number) => void;

/** Is called while an evaluation runs: the name of the phase, and how many of its parts are complete. */
export type EvaluationProgress = (phase: string, done: number, total: number) => void;

/** The part callback of one phase. It reports the start of the phase at once. */
export function beginPhase(progress: EvaluationProgress | undefined, phase: string): PartProgress | undefined {
  if (progress === undefined) return undefined;
  progress(phase, 0, 1);
  return (done, total) => progress(phase, done, total);
}

/** The callbacks of two computations, one after the other, that are half of the whole each. */
export function halves(progress: PartProgress | undefined): readonly [PartProgress?, PartProgress?] {
  if (progress === undefined) return [];
  return [(done, total) => progress(done, 2 * total), (done, total) => progress(total + done, 2 * total)];
}
