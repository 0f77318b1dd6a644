import { readTarget, targetName } from '../generator/target.js';
import type { Reproducible } from '../tuner/report/read_report.js';
import type { Commands } from '../tuner/report/report.js';
import { SEARCH_NAMES } from '../tuner/search/registry.js';
import { problemFlags } from './problem_options.js';

/** The command lines that tune a report's problem again, in a database of its own, and that write its winner's text. */
export function reportCommands({ problem, target, threads, run, seconds, kernel }: Reproducible): Commands {
  const flags = `${problemFlags(problem)} --target ${targetName(readTarget(target))}`;
  // A GPU has no threads to choose; an imported trial does not say by which search it was found.
  const tuning = [
    ...(readTarget(target).kind === 'cpu' ? [`--threads ${threads}`] : []),
    ...(SEARCH_NAMES.includes(run.search) ? [`--search ${run.search} --seed ${run.seed}`] : []),
    `--budget ${budgetOf(seconds)}s --db again.db`,
  ];
  return Object.freeze({
    tune: `oriented1d tune ${flags} ${tuning.join(' ')}`,
    generate: kernel && `oriented1d generate ${flags} --filter ${kernel} --out kernels`,
  });
}

/** A quarter more than the trials took, for the first of them and for the final, in tens of seconds. */
function budgetOf(seconds: number): number {
  return 10 * Math.max(1, Math.ceil((1.25 * seconds) / 10));
}
