import type { Outcome } from '../tuner/outcome.js';
import type { Conflict } from '../tuner/store/transfer.js';
import { counted, microseconds } from './words.js';

/** Conflicts of an import that are told one by one. */
const TOLD = 5;

/** What an import left as it was, for people: those that ended otherwise first. */
export function conflictText(conflicts: readonly Conflict[]): readonly string[] {
  if (conflicts.length === 0) return [];
  const otherwise = ({ here, there }: Conflict) => here.kind !== there.kind;
  const sorted = conflicts.toSorted((a, b) => Number(otherwise(b)) - Number(otherwise(a)));
  const told = sorted
    .slice(0, TOLD)
    .map(({ key, here, there }) => `  ${key.kernel}: ${words(here)} here, ${words(there)} there`);
  const rest = conflicts.length - told.length;
  return [
    `${counted(conflicts.length, 'trial')} had been made in both, with other results; those that were here stay:`,
    ...told,
    ...(rest > 0 ? [`  and ${rest} more, see --json`] : []),
  ];
}

/** The same for --json. Times in microseconds. */
export function conflictDocument({ key, here, there }: Conflict): object {
  const { problem, kernel, machine } = key;
  return { problem, kernel, machine, here: plain(here), there: plain(there) };
}

function words(outcome: Outcome): string {
  return outcome.kind === 'ok' ? microseconds(outcome.measurement.median) : outcome.kind;
}

function plain(outcome: Outcome): object {
  return outcome.kind === 'ok'
    ? { verdict: outcome.kind, median: outcome.measurement.median }
    : { verdict: outcome.kind, reason: outcome.reason };
}
