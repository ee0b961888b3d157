/**
 * @file What a command says: lines for people on stdout; with `--json` one document on stdout, and the lines on stderr.
 */
import pc from 'picocolors';

/** Where a command's words go. */
export class Output {
  constructor(private readonly json: boolean) {}

  /** Tells people something; `important` is to be seen. */
  readonly say = (line: string, important = false): void => {
    const text = important ? pc.bold(pc.yellow(line)) : line;
    if (this.json) console.error(text);
    else console.log(text);
  };

  /** Tells what could not be done, a line each: the command goes on, and has failed. */
  complain(lines: readonly string[]): void {
    for (const line of lines) this.say(line, true);
    if (lines.length > 0) process.exitCode = 1;
  }

  /** Whether progress may redraw its line, on stderr. */
  get isTerminal(): boolean {
    return process.stderr.isTTY;
  }

  /** Writes the command's result, if it was asked for as JSON; otherwise `lines` tell it. */
  result(value: object, lines: () => readonly string[] = () => []): void {
    if (this.json) console.log(JSON.stringify(value, null, 2));
    else for (const line of lines()) console.log(line);
  }
}
