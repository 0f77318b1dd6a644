import type { Trial } from '../store/trial.js';

/** How a search went: its trials in their order, and the best time after each. */
export interface Curve {
  readonly kind: 'curve';
  readonly steps: readonly CurveStep[];
}

/** Times in microseconds of one run. */
export interface CurveStep {
  /** From 1. */
  readonly trial: number;
  /** Undefined if the trial failed. */
  readonly time: number | undefined;
  /** Of this trial and those before; undefined while all failed. */
  readonly best: number | undefined;
}

/** @param trials of one problem in one setting, in the order in which they were made */
export function curve(trials: readonly Trial[]): Curve {
  let best: number | undefined;
  const steps = trials.map(({ outcome }, i) => {
    const time = outcome.kind === 'ok' ? outcome.measurement.median : undefined;
    if (time !== undefined) best = Math.min(time, best ?? time);
    return Object.freeze({ trial: i + 1, time, best });
  });
  return Object.freeze({ kind: 'curve', steps: Object.freeze(steps) });
}
