/**
 * @file Talks to the process that started this one with a channel, such as a study that trains a run. This process ends with
 * it, from its first line on.
 *
 * Imports nothing of the program: it runs before anything else is loaded.
 */
import { constants } from 'node:os';
import type { RunMessage } from '../../study/runner/messages.js';

/** Milliseconds between two messages about the same work. */
const REPORT_EVERY = 250;

/** What this process does if its parent is gone, and if the parent asks it to stop. */
interface ParentListener {
  readonly gone: () => void;
  readonly stop: () => void;
}

const AT_ONCE: ParentListener = { gone: endNow, stop: endNow };

let listener = AT_ONCE;

/** Ends this process at once if its parent is gone or asks for it, until {@link onParent} changes that. */
export function watchParent(): void {
  if (process.send === undefined) return;
  // The channel may close before the first line runs.
  if (!process.connected) {
    endNow();
    return;
  }
  process.on('disconnect', () => listener.gone());
  process.on('message', (message: unknown) => {
    const isStop = typeof message === 'object' && message !== null && 'type' in message && message.type === 'stop';
    if (isStop) listener.stop();
  });
  // The channel must not keep the process alive.
  process.channel?.unref();
}

/** Lets this process decide what to do instead of ending at once. @returns ends that */
export function onParent(body: ParentListener): () => void {
  listener = body;
  return () => {
    if (listener === body) listener = AT_ONCE;
  };
}

let last: { readonly label: string; readonly at: number } | undefined;
let hasEnded = false;

/** Sends a message to the parent, if there is one. Only the first end counts, and reports about one work are spaced out. */
export function tellParent(message: RunMessage): void {
  if (process.send === undefined || !process.connected) return;
  if (message.type === 'ended') {
    if (hasEnded) return;
    hasEnded = true;
  } else if (message.type !== 'notice') {
    const label = message.type === 'phase' ? message.label : message.progress.label;
    const now = performance.now();
    if (last?.label === label && now - last.at < REPORT_EVERY) return;
    last = { label, at: now };
  }
  // Without a callback, a channel that closes meanwhile throws.
  process.send(message, undefined, {}, () => undefined);
}

/**
 * Ends this process as a signal does.
 *
 * `process.exit` tears down what the driver's threads compile with, which crashes one time in three. A shell reports the
 * same code for both.
 */
export function endBy(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
  const code = 128 + constants.signals[signal];
  if (process.platform === 'win32') process.exit(code);
  process.emit('exit', code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function endNow(): void {
  endBy('SIGTERM');
}
