/**
 * @file What a command says: lines for people on stdout; with `--json` one document on stdout, and the lines on stderr.
 */
import { isTerminal, printJson, printLines, printResult } from './terminal/print.js';
import { style } from './terminal/style.js';

/** Where a command's words go. */
export class Output {
  constructor(private readonly json: boolean) {}

  /** Prints one line; `important` is to be seen. */
  readonly say = (line: string, important = false): void => {
    printLines(this.json ? 'stderr' : 'stdout', [important ? style.bold(style.yellow(line)) : line]);
  };

  /** Tells what could not be done, a line each: the command goes on, and has failed. */
  complain(lines: readonly string[]): void {
    for (const line of lines) this.say(line, true);
    if (lines.length > 0) process.exitCode = 1;
  }

  /** Whether progress may redraw its line, on stderr. */
  get isTerminal(): boolean {
    return isTerminal();
  }

  /** Writes the command's result, as JSON if it was asked for; otherwise `lines` tell it. Exit code 1 where it cannot. */
  result(value: object, lines: () => readonly string[] = () => []): void {
    if (this.json) printJson(value);
    else printResult(lines());
  }
}
