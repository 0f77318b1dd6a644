import { type Measurement, measurement } from '../measure/measurement.js';
import type { Stop } from '../measure/stopping.js';

/** A measurement as a trial, a finalist and a final (of its copy) hold it. */
export interface TimingColumns {
  readonly samples: string;
  readonly median: number;
  readonly spread: number;
  readonly repetitions: number;
  readonly stop: string;
}

export function toColumns({ samples, median, spread, repetitions, stop }: Measurement): TimingColumns {
  return { samples: JSON.stringify(samples), median, spread, repetitions, stop };
}

/** Median and spread are kept beside the samples for queries by hand; the samples are what counts. */
export function fromColumns({
  samples,
  repetitions,
  stop,
}: Pick<TimingColumns, 'samples' | 'repetitions' | 'stop'>): Measurement {
  return measurement(JSON.parse(samples) as number[], repetitions, stop as Stop);
}
