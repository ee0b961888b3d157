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

/** A line with the number of runs of the studies, and the estimated time on the reference device. */
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
  // On two cores, runs at a time take as long as one after the other.
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
 * Says what is to be trained, and asks whether to begin where somebody is there to answer.
 *
 * @param yes begins without asking
 * @returns whether to begin; where not, it is said, and the exit code is set
 */
export async function confirmWork(
  studies: readonly StudySettings[],
  yes: boolean | undefined,
  output: Output,
): Promise<boolean> {
  output.say(describeWork(studies));
  if (yes === true || !process.stdin.isTTY || !isTerminal()) return true;
  if (isYes(await ask('begin? (y/N) '))) return true;
  output.say('nothing was begun; --preset quick, fewer --z or --seeds take less time');
  process.exitCode = 1;
  return false;
}

/** Whether an answer is a yes; the end of the input is none. */
export function isYes(answer: string | undefined): boolean {
  return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
}

/** Asks on stderr. Ctrl-C ends the process, as it does anywhere else. @returns undefined at the end of the input */
function ask(question: string): Promise<string | undefined> {
  // Not as a terminal: the line stays the system's to edit, and Ctrl-C a signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  printQuestion(question);
  return new Promise<string | undefined>((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => resolve(undefined));
  }).then((answer) => {
    // The end of the input leaves the cursor behind the question.
    if (answer === undefined) printLines('stderr', ['']);
    return answer;
  });
}
