/**
 * @file Defines the messages between index.ts and the processes of the peers: over Node's IPC, or as frames (frames.ts).
 */
import type { Environment } from '../../support/report.js';
import type { GanReference, Task } from '../tasks.js';

export type Request =
  | { readonly kind: 'open' }
  /** Sets a task up and does it once. */
  | { readonly kind: 'prepare'; readonly task: Task; readonly reference: GanReference | undefined }
  | { readonly kind: 'time'; readonly times: number }
  /** Reads what the last run made, and clears up. */
  | { readonly kind: 'finish' };

/** The engine's own process tells its environment and how its GAN began; peers do not. */
export type Answer =
  | {
      readonly kind: 'opened';
      readonly device: string;
      readonly versions: Readonly<Record<string, string>> | undefined;
      readonly environment: Environment | undefined;
    }
  | {
      readonly kind: 'prepared';
      readonly outputs: readonly Float32Array[];
      readonly reference: GanReference | undefined;
    }
  | { readonly kind: 'timed'; readonly milliseconds: number }
  | { readonly kind: 'finished'; readonly outputs: readonly Float32Array[] }
  /** `broken` tells a failure from a task that the peer does not offer. */
  | { readonly kind: 'refused'; readonly reason: string; readonly broken: boolean };
