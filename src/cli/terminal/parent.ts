/**
 * @file The process that started this one with a channel, such as a study that trains a run: this one ends with it, from
 * its first line on.
 */
import { constants } from 'node:os';

/** What to do when the parent is gone. */
let whenGone: () => void = endNow;

/**
 * Ends this process when its parent is gone, and at once where it is gone already. A process that was started without a
 * channel has no parent in this sense.
 */
export function watchParent(): void {
  // The channel may be closed before the first line runs. What sends over it stays.
  if (process.send === undefined) return;
  if (!process.connected) {
    endNow();
    return;
  }
  process.on('disconnect', () => whenGone());
  // Or it would keep the process from ending.
  process.channel?.unref();
}

/** Lets `body` decide what to do when the parent is gone. @returns what takes that back */
export function onParentGone(body: () => void): () => void {
  whenGone = body;
  return () => {
    if (whenGone === body) whenGone = endNow;
  };
}

/**
 * Ends this process as a signal does.
 *
 * Not by `process.exit` where that can be helped: it tears down what the driver's threads are compiling with, which ends
 * in a crash one time in three. A shell calls both the same code.
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
