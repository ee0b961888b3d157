/**
 * @file Parses the flags of the benchmark scripts.
 */
import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * Parses the flags that a script was started with. `--help` prints the comment at the top of the script and ends with code
 * 0; flags that the script does not take are named, with code 2.
 *
 * @param script its `import.meta.url`
 */
export function parseFlags<Config extends ParseArgsConfig>(script: string, config: Config) {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    console.log(usageOf(script));
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error));
  }
}

/** Ends the process for a command that makes no sense, with code 2. */
export function misuse(problem: string): never {
  // Node adds advice on positional arguments.
  console.error(`error: ${problem.replace(/\. To specify a positional.*$/s, '')} (--help shows the flags)`);
  process.exit(2);
}

/** The comment at the top of a script. */
function usageOf(script: string): string {
  const text = readFileSync(new URL(script), 'utf8');
  const comment = text.slice(0, text.indexOf('*/')).split('\n').slice(1, -1);
  return comment.map((line) => line.replace(/^ \* ?(@file )?/, '')).join('\n');
}
