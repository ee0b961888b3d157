/**
 * @file Announces studies before they begin: number of runs and estimated time. Asks whether to begin.
 */
import { createInterface } from 'node:readline';
import { StudyClock } from '../../study/plan/studyClock.js';
import type { StudySettings } from '../../study/plan/studyDescription.js';
import { planRuns } from '../../study/plan/studyPlan.js';
import { REFERENCE_DEVICE } from '../../training/run/timeLeft.js';
import type { Output } from './output.js';
import { isTerminal, printLines, printQuestion } from './print.js';

/** Describes the number of runs of the studies, and the estimated time on the reference device. */
export function describeWork(studies: readonly StudySettings[]): string {
  const runs = studies.reduce((sum, settings) => sum + planRuns(settings).length, 0);
  const [first] = studies;
  if (first === undefined) return 'no run';
  const { zDims, seeds, iterations, architecture, width } = first;
  const parts = [
    ...(studies.length > 1 ? [`${studies.length} methods`] : []),
    `${zDims.length} z`,
    `${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}`,
  ];
  // On two cores, parallel runs take as long as sequential ones.
  const { secondsLeft } = new StudyClock(studies, { jobs: 1 });
  const count = `${runs} ${runs === 1 ? 'run' : 'runs'} (${parts.join(' × ')})`;
  return (
    `plan    ${count} of ${iterations.toLocaleString('en')} iterations, ${architecture} at width ${width}: ` +
    `${aboutDuration(secondsLeft)} on ${REFERENCE_DEVICE} (from measured runs; faster on a GPU)`
  );
}

/** 11,000 → `about 3 h`, 2,000 → `about 35 min`, 20 → `less than a minute`. */
export function aboutDuration(seconds: number): string {
  const minutes = seconds / 60;
  if (minutes < 1) return 'less than a minute';
  if (minutes < 10) return `about ${Math.round(minutes)} min`;
  if (minutes < 57.5) return `about ${5 * Math.round(minutes / 5)} min`;
  const halves = Math.round(minutes / 30);
  if (halves < 20) return `about ${halves / 2} h`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `about ${hours} h` : `about ${Math.round(hours / 24)} days`;
}

/**
 * Prints what will be trained. Asks for confirmation on a terminal.
 *
 * @param yes skips the question
 * @returns whether to start; if not, prints that and sets the exit code
 */
export async function confirmWork(
  studies: readonly StudySettings[],
  yes: boolean | undefined,
  output: Output,
): Promise<boolean> {
  output.say(describeWork(studies));
  if (yes === true || !process.stdin.isTTY || !isTerminal()) return true;
  if (isYes(await ask('start? (y/N) '))) return true;
  output.say('nothing was started; --preset quick, fewer --z or fewer --seeds take less time');
  process.exitCode = 1;
  return false;
}

/** Whether an answer is a yes. The end of the input is a no. */
export function isYes(answer: string | undefined): boolean {
  return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
}

/** Asks on stderr. Ctrl-C ends the process. @returns undefined at the end of the input */
function ask(question: string): Promise<string | undefined> {
  // Without terminal mode, the system edits the line, and Ctrl-C stays a signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  printQuestion(question);
  return new Promise<string | undefined>((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => resolve(undefined));
  }).then((answer) => {
    // At the end of the input the cursor is still on the question's line.
    if (answer === undefined) printLines('stderr', ['']);
    return answer;
  });
}
