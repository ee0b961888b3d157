/**
 * @file Runs the command line: in this process, or as one of its own where a test is about processes.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { Tensor } from '../../src/autograd/tensor.js';
import { Device } from '../../src/gpu/device.js';
import { BUILT_PROGRAM, runCommand } from '../support/commandLine.js';
import { installFault } from './fixtures/faults.js';

/** How long anything may take, in milliseconds. */
const PATIENCE = 240_000;

/** Between two checks of a condition, in milliseconds. */
const CHECK_EVERY = 3;

/** Preloads of a process: a fault by `$FAULT`, and its death by `$KILLED`. */
export const FAULTS = new URL('fixtures/faultyProcess.ts', import.meta.url);
export const KILLED = new URL('fixtures/killed.ts', import.meta.url);

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The exit code that a shell reports. */
export function shellCode({ code, signal }: Ending): number | undefined {
  return code ?? (signal === null ? undefined : 128 + constants.signals[signal]);
}

/** Settings of a process besides its arguments. */
export interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  /** TypeScript modules to load before the program. */
  readonly preloads?: readonly URL[];
  readonly cwd?: string;
}

/** Lines of progress: `opening the device ...  3 s`, `classifying pictures: 128/512`. */
const PROGRESS = /^[a-z].*(?: \.\.\.(?: {2}.+)? {2}(?:\d+ (?:h|min) )*\d+ s|: \d+\/\d+(?: {2}.*)?)\n/gm;

/** An output without lines of progress, whose number depends on the machine's speed. */
function withoutProgress(text: string): string {
  return text.replace(PROGRESS, '');
}

/** Runs a command in this process, and removes the progress from its stderr. `$FAULT` makes an iteration fail. */
export async function zdim(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ending> {
  const { FAULT: fault } = env;
  const restore = fault === undefined ? undefined : installFault(fault, { Tensor, Device });
  try {
    const { code, stdout, stderr } = await runCommand(args, env);
    return { code, signal: null, stdout, stderr: withoutProgress(stderr) };
  } finally {
    restore?.();
  }
}

/** Runs the built program as a process to its end, and removes the progress from its stderr. A hanging one is killed. */
export function zdimProcess(args: readonly string[], setting: Setting = {}): Ending {
  const [node, ...words] = commandLine(args, setting);
  const { status, signal, stdout, stderr } = spawnSync(node, words, {
    encoding: 'utf8',
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
    cwd: setting.cwd,
    env: environment(setting.env ?? {}),
  });
  return { code: status, signal, stdout, stderr: withoutProgress(stderr) };
}

/** The built program while it runs as a process. */
export class Running {
  /** All that have not ended. */
  private static readonly alive = new Set<Running>();

  readonly ended: Promise<Ending>;
  private readonly child: ChildProcess;
  private stdout = '';
  private stderr = '';
  private ending: Ending | undefined;

  constructor(args: readonly string[], setting: Setting = {}) {
    const [node, ...words] = commandLine(args, setting);
    const child = spawn(node, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: setting.cwd,
      env: environment(setting.env ?? {}),
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child = child;
    Running.alive.add(this);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        Running.alive.delete(this);
        this.ending = { code, signal, stdout: this.stdout, stderr: this.stderr };
        resolve(this.ending);
      });
    });
  }

  /** Ends what a failed test left running. */
  static endAll(): void {
    for (const running of Running.alive) running.kill('SIGKILL');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.ending !== undefined;
  }

  /** What it said so far, on stdout and stderr. */
  get said(): string {
    return this.stdout + this.stderr;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until the program has said something. @throws Error when it ends without */
  async says(words: string | RegExp): Promise<void> {
    const heard = (): boolean => (typeof words === 'string' ? this.said.includes(words) : words.test(this.said));
    await this.until(heard, String(words));
  }

  /** Waits for a condition. @throws Error when the program ends before */
  async until(condition: () => boolean, what: string): Promise<void> {
    await poll(() => condition() || this.hasEnded, what);
    if (!condition()) throw new Error(`the program ended before: ${what}\n${this.said}`);
  }
}

/** Waits for a condition. @throws Error when it does not come true */
export async function poll(condition: () => boolean, what: string): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > PATIENCE) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY));
  }
}

/** The words that start the built program, the first of them Node itself. */
export function commandLine(args: readonly string[], { preloads = [] }: Setting = {}): [string, ...string[]] {
  // The preloads are TypeScript.
  const modules = preloads.length === 0 ? [] : [import.meta.resolve('tsx'), ...preloads.map(({ href }) => href)];
  return [process.execPath, ...modules.flatMap((module) => ['--import', module]), BUILT_PROGRAM, ...args];
}

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const classes = `${new URL('../../dist/', import.meta.url).href} .js`;
  return { ...process.env, NO_COLOR: '1', FAULT_CLASSES: classes, ...more };
}
