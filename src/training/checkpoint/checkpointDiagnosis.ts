/**
 * @file The diagnosis of a checkpoint: its generator is looked at anew, with as many samples as are wanted; what only
 * training could see is taken from the look that it had at that iteration.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import { byMetric, METRICS } from '../../evaluation/registry.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import type { Checkpoint } from './checkpoints.js';
import { TrainedGenerator } from './trainedGenerator.js';

/**
 * @param looks those of its run, where it has any
 * @throws CheckpointError when the checkpoint does not hold the network that it tells of; the device's errors
 */
export async function diagnoseCheckpoint(
  engine: Engine,
  evaluator: Evaluator,
  checkpoint: Checkpoint,
  looks: readonly Diagnosis[] = [],
  progress?: EvaluationProgress,
): Promise<Diagnosis> {
  progress?.('compiling kernels', 0, 1);
  const { iteration } = checkpoint;
  const before = looks.filter((look) => look.iteration <= iteration);
  const then = looks.find((look) => look.iteration === iteration);
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
