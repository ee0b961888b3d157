/**
 * @file Defines the JSON messages between a study and its training processes, over their IPC channel.
 */
import { z } from 'zod';

const count = z.int().min(0);

const Progress = z.strictObject({
  iteration: count,
  iterations: count,
  /** Current work: `training`, `compiling kernels`, `drawing`. */
  label: z.string(),
  /** Current step of it: `drawing curves 50 %`. Absent while iterations run. */
  step: z.string().optional(),
  iterationsPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
  /** Smoothed losses, in words. */
  losses: z.string().optional(),
  /** The newest verdict, in words. */
  verdict: z.string().optional(),
});

/** What a training process reports. */
export const RunMessage = z.discriminatedUnion('type', [
  /** Work before the training: reading images, opening the device. */
  z.strictObject({ type: z.literal('phase'), label: z.string(), done: count.optional(), total: count.optional() }),
  z.strictObject({ type: z.literal('progress'), progress: Progress }),
  /** A line for the user. */
  z.strictObject({ type: z.literal('notice'), text: z.string() }),
  z.strictObject({
    type: z.literal('ended'),
    outcome: z.enum(['finished', 'stopped', 'diverged', 'failed']),
    error: z.string().optional(),
  }),
]);

/** Asks a training process to stop at the next iteration, with a checkpoint. */
export const STOP_MESSAGE = { type: 'stop' } as const;

export type TrainingProgressReport = z.infer<typeof Progress>;
export type RunMessage = z.infer<typeof RunMessage>;
