/**
 * @file What a command says: lines for people on stdout; with `--json` one document on stdout, and the lines on stderr.
 */
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { isTerminal, printJson, printLines, printResult } from './print.js';
import { ProgressDisplay, type ProgressRow } from './progress.js';
import { style } from './style.js';

/** Where a command's words go. */
export class Output {
  readonly progress: ProgressDisplay;
  private phases: ProgressRow | undefined;

  constructor(private readonly json: boolean) {
    this.progress = new ProgressDisplay({
      print: (line) => this.say(line),
      isTerminal: isTerminal(),
      // A study reads the lines of its runs, which it starts with --json and a channel.
      hasParent: this.json && process.connected,
    });
  }

  /** Prints one line; `important` is to be seen. */
  readonly say = (line: string, important = false): void => {
    const text = important ? style.bold(style.yellow(line)) : line;
    this.progress.above(text, (shown) => printLines(this.json ? 'stderr' : 'stdout', [shown]));
  };

  /** Shows what the command does now. Without a total, the time that it takes is shown. */
  readonly phase = (label: string, done?: number, total?: number, detail?: string): void => {
    this.phases ??= this.progress.row();
    const numbers = done === undefined || total === undefined ? {} : { done, total };
    this.phases.show({ label, ...numbers, ...(detail === undefined ? {} : { detail }) });
  };

  /** Shows the phases of an evaluation behind what it is of. @param left tells the time left, if known */
  readonly evaluation = (what: string, left: () => string = () => ''): EvaluationProgress => {
    return (phase, done, total) => {
      // Without parts that are told, the time that has passed says more than an empty bar.
      if (total <= 1) this.phase(`${what}: ${phase}`, undefined, undefined, left());
      else this.phase(`${what}: ${phase}`, done, total, left());
    };
  };

  /** No phase is shown from now on. */
  readonly endPhases = (): void => {
    this.phases?.end();
    this.phases = undefined;
  };

  /** Tells what could not be done, a line each: the command goes on, and has failed. */
  complain(lines: readonly string[]): void {
    for (const line of lines) this.say(line, true);
    if (lines.length > 0) process.exitCode = 1;
  }

  /** Writes the command's result, as JSON if it was asked for; otherwise `lines` tell it. Exit code 1 where it cannot. */
  result(value: object, lines: () => readonly string[] = () => []): void {
    this.progress.stop();
    if (this.json) printJson(value);
    else printResult(lines());
  }
}
