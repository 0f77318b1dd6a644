import type { PublishedKernel } from '../generator/library/kernel_file.js';
import { ELSEWHERE, OTHER_TEXT } from '../tuner/staleness.js';
import type { Winner } from '../tuner/store/winners.js';
import type { AssessedWinner } from './assessed_winners.js';
import { counted } from './words.js';

/**
 * What whoever publishes should know of winners of finals that are stale, a line each reason: those that are left out, and
 * those that are published though another tuning might find better ones. That a GPU is elsewhere is nothing to tell.
 */
export function staleNotes(
  assessed: readonly AssessedWinner[],
  kernels: readonly PublishedKernel[],
): readonly string[] {
  const finals = assessed.filter(({ winner }) => winner.final);
  const lost = finals.filter(({ stale }) => stale.includes(OTHER_TEXT)).length;
  const published = new Set(
    kernels.map(({ entry: { name, target, provenance } }) => keyOf(name, target, provenance.measured)),
  );
  const isPublished = ({ trial, measured }: Winner) =>
    published.has(keyOf(trial.kernel, trial.target, measured));
  const reasons = finals
    .filter(({ winner, stale }) => !stale.includes(OTHER_TEXT) && isPublished(winner))
    .flatMap(({ stale }) => stale.filter((reason) => reason !== ELSEWHERE));
  return [
    ...(lost > 0 ? [`${counted(lost, 'winner')} left out as stale: ${OTHER_TEXT}`] : []),
    ...[...new Set(reasons)].map((reason) => {
      const count = reasons.filter((one) => one === reason).length;
      return `${counted(count, 'kernel')} published though stale: ${reason}`;
    }),
  ];
}

function keyOf(kernel: string, target: string, measured: string): string {
  return `${target} ${kernel} ${measured}`;
}
