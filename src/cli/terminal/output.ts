/**
 * @file Prints the output of a command: lines on stdout; with `--json` one document on stdout, and lines on stderr.
 */
import type { ImageDataset } from '../../data/dataset.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { tellParent } from './parent.js';
import { drawPicture, pictureStyle } from './picture.js';
import { isTerminal, printJson, printLines, printResult, printSequences } from './print.js';
import { ProgressDisplay, type ProgressRow } from './progress.js';
import { style } from './style.js';

/** The output of one command. */
export class Output {
  readonly progress: ProgressDisplay;
  private phases: ProgressRow | undefined;

  constructor(private readonly json: boolean) {
    this.progress = new ProgressDisplay({ print: (line) => this.say(line), isTerminal: isTerminal() });
  }

  /** Prints a line; `important` highlights it. */
  readonly say = (line: string, important = false): void => {
    const text = important ? style.bold(style.yellow(line)) : line;
    this.progress.above(text, (shown) => printLines(this.json ? 'stderr' : 'stdout', [shown]));
  };

  /** Prints an important line, and sends it to the parent process, such as a study. */
  readonly notice = (text: string): void => {
    this.say(text, true);
    tellParent({ type: 'notice', text });
  };

  /** Draws images if stdout is a terminal that shows colours. @param images NHWC in [−1, 1] */
  picture(images: Float32Array, shape: Pick<ImageDataset, 'height' | 'width' | 'channels'>): void {
    const drawn = this.json ? undefined : pictureStyle();
    if (drawn === undefined) return;
    const text = drawPicture(images, shape, drawn, process.stdout.columns);
    this.progress.above(text, printSequences);
  }

  /** Displays the current work. Without a total, displays the elapsed time. */
  readonly phase = (label: string, done?: number, total?: number, detail?: string): void => {
    this.phases ??= this.progress.row();
    const numbers = done === undefined || total === undefined ? {} : { done, total };
    this.phases.show({ label, ...numbers, ...(detail === undefined ? {} : { detail }) });
    tellParent({ type: 'phase', label, ...numbers });
  };

  /** Displays the phases of an evaluation. @param left the time left, if known */
  readonly evaluation = (what: string, left: () => string = () => ''): EvaluationProgress => {
    return (phase, done, total) => {
      // Without parts, the elapsed time is more useful than an empty bar.
      if (total <= 1) this.phase(`${what}: ${phase}`, undefined, undefined, left());
      else this.phase(`${what}: ${phase}`, done, total, left());
    };
  };

  /** Removes the phase from the display. */
  readonly endPhases = (): void => {
    this.phases?.end();
    this.phases = undefined;
  };

  /** Prints failures that do not stop the command, a line each. Sets exit code 1. */
  complain(lines: readonly string[]): void {
    for (const line of lines) this.say(line, true);
    if (lines.length > 0) process.exitCode = 1;
  }

  /** Prints the command's result: `value` as JSON with `--json`, otherwise `lines`. Sets exit code 1 if that fails. */
  result(value: object, lines: () => readonly string[] = () => []): void {
    this.progress.stop();
    if (this.json) printJson(value);
    else printResult(lines());
  }
}
