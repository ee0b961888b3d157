/**
 * @file Starts PyTorch's process (peer.py) and exchanges frames with it over its standard streams.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { decode, encode, frameLength } from '../process/frames.js';
import type { StartLink } from '../process/link.js';
import type { Answer, Request } from '../process/protocol.js';
import { inputShapes, inputsOf, type Task } from '../tasks.js';

/** PyTorch's own wheel where it is installed here, else any; Debian's python3-torch, which calls the system's BLAS. */
const PYTHONS: Readonly<Record<string, readonly string[]>> = {
  pytorch: [fileURLToPath(new URL('../.venv/bin/python', import.meta.url)), 'python3', '/usr/bin/python3'],
  'pytorch-openblas': ['/usr/bin/python3'],
};

/** Starts the first Python that has PyTorch; `--python` replaces the list of `pytorch`. */
export const startPyTorch: StartLink = (name, { python }, onAnswer) => {
  const hasTorch = (command: string): boolean => {
    const code = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
    return spawnSync(command, ['-c', code]).status === 0;
  };
  const known = PYTHONS[name] ?? [];
  const candidates = name === 'pytorch' && python !== undefined ? [python] : known;
  const command = candidates.find(hasTorch) ?? 'python3';
  const script = fileURLToPath(new URL('peer.py', import.meta.url));
  const child = spawn(command, [script], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  let received: Buffer = Buffer.alloc(0);
  child.stdout.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data]);
    for (;;) {
      const length = frameLength(received);
      if (length === undefined || received.length < length) return;
      onAnswer(decode(received.subarray(0, length)) as Answer);
      received = received.subarray(length);
    }
  });
  // Where the process ends early, its exit tells.
  child.stdin.on('error', () => undefined);
  const send = (request: Request): void => {
    const inputs = request.kind === 'prepare' ? inputArrays(request.task) : [];
    child.stdin.write(encode({ ...request, inputs }));
  };
  return Promise.resolve({ child, send });
};

function inputArrays(task: Task): object[] {
  if (task.kind === 'gan') return [];
  const values = inputsOf(task);
  return inputShapes(task).map((shape, index) => ({ shape, values: values[index] }));
}
