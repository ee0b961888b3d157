/**
 * @file Evaluates the generator of a checkpoint, with any number of samples. What only training can measure comes from the
 * evaluation of that iteration.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import { byMetric, METRICS } from '../../evaluation/registry.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import type { Checkpoint } from './checkpoints.js';
import { TrainedGenerator } from './trainedGenerator.js';

/**
 * @param diagnoses those of its run, if any
 * @throws CheckpointError if the checkpoint does not hold the network that its metadata describe; the device's errors
 */
export async function diagnoseCheckpoint(
  engine: Engine,
  evaluator: Evaluator,
  checkpoint: Checkpoint,
  diagnoses: readonly Diagnosis[] = [],
  progress?: EvaluationProgress,
): Promise<Diagnosis> {
  progress?.('compiling kernels', 0, 1);
  const { iteration } = checkpoint;
  const before = diagnoses.filter((each) => each.iteration <= iteration);
  const then = diagnoses.find((each) => each.iteration === iteration);
  const generator = TrainedGenerator.load(engine, checkpoint);
  try {
    const subject = await evaluator.subject(generator.network, generator.zDim, generator.isConditional);
    try {
      const { diagnosis } = await evaluator.evaluate(subject, {
        iteration,
        before,
        training: null,
        progress,
      });
      if (then === undefined) return diagnosis;
      const metrics = byMetric((name) => (METRICS[name].ofRun === true ? then : diagnosis).metrics[name]);
      return { ...diagnosis, metrics };
    } finally {
      subject.dispose();
    }
  } finally {
    generator.dispose();
  }
}
