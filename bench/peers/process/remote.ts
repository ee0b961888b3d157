/**
 * @file Controls a peer in its own process, for index.ts. A crash becomes the error of the pending request.
 */
import type { ChildProcess } from 'node:child_process';
import type { PeerOptions } from '../peer.js';
import { PEERS } from '../peers.js';
import { startNode, type Link } from './link.js';
import type { Answer, Request } from './protocol.js';

/** A request that was not done. */
export class Refused extends Error {
  constructor(
    reason: string,
    /** The peer failed, rather than not offering what was asked for. */
    readonly broken: boolean,
  ) {
    super(reason);
  }
}

/** The last of what a process wrote on stderr, which is where a crash tells its reason. */
const KEPT_LOG = 4000;

/** A restless process that is stopped cannot see that its parent is gone. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

export class Remote {
  private link: Link | undefined;
  private log = '';
  private onAnswer: (answer: Answer) => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly options: PeerOptions,
  ) {}

  /** @throws Refused where the peer cannot or will not, crashes, or takes longer than the limit. */
  async ask(request: Request, limitMs: number): Promise<Exclude<Answer, { kind: 'refused' }>> {
    const link = (this.link ??= await this.start());
    const { child } = link;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        if (this.restless) child.kill('SIGSTOP');
        child.off('exit', onExit);
        child.off('error', onError);
        settle();
      };
      this.onAnswer = (answer) => {
        finish(() => {
          if (answer.kind === 'refused') reject(new Refused(answer.reason, answer.broken));
          else resolve(answer);
        });
      };
      const onExit = (code: number | null, signal: string | null): void => {
        this.link = undefined;
        finish(() => reject(new Refused(`crashed (${signal ?? `exit code ${code}`})${this.lastWords()}`, true)));
      };
      const onError = ({ message }: Error): void => {
        this.link = undefined;
        finish(() => reject(new Refused(`did not start: ${message}`, true)));
      };
      const timer = setTimeout(() => {
        finish(() => reject(new Refused(`no answer within ${limitMs / 1000} s`, true)));
        this.stop();
      }, limitMs);
      if (this.restless) child.kill('SIGCONT');
      child.on('exit', onExit);
      child.on('error', onError);
      link.send(request);
    });
  }

  /** Ends the process; the next request starts another. */
  stop(): void {
    this.link?.child.kill('SIGKILL');
    this.link = undefined;
  }

  private async start(): Promise<Link> {
    const start = PEERS[this.name]?.link ?? startNode;
    const link = await start(this.name, this.options, (answer) => {
      // A process that was given up may still be answering.
      if (this.link === link) this.onAnswer(answer);
    });
    const { child } = link;
    running.add(child);
    child.once('exit', () => running.delete(child));
    this.log = '';
    child.stderr?.on('data', (data: Buffer) => (this.log = (this.log + data.toString()).slice(-KEPT_LOG)));
    return link;
  }

  /** Windows knows no stopping. */
  private get restless(): boolean {
    return PEERS[this.name]?.restless === true && process.platform !== 'win32';
  }

  private lastWords(): string {
    const line = this.log
      .trim()
      .split('\n')
      .findLast((text) => /error|terminate|what\(\)|abort|assert/i.test(text));
    return line === undefined ? '' : `: ${line.trim().slice(0, 120)}`;
  }
}
