import * as assert from 'uvu/assert';

/** Asserts that `body` rejects with a message that fits. */
export async function refused(body: () => Promise<unknown>, message: RegExp): Promise<void> {
  await body().then(
    () => assert.unreachable(`expected ${String(message)}`),
    (error: unknown) => assert.match(String(error), message),
  );
}
