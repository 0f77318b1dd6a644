import type { Measurement } from './measure/measurement.js';

/** How a trial can end. All but `ok` carry a reason. */
export const VERDICTS = ['ok', 'refused-by-compiler', 'wrong', 'crashed', 'hung', 'failed'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The end of a trial: a sound kernel and its time, or why there is none. */
export type Outcome = Measured | Wrong | Failure;

/** Verified against the reference, then timed. */
export interface Measured {
  readonly kind: 'ok';
  /** ||output - reference|| / ||reference||, over the images that the reference covers. */
  readonly relativeError: number;
  readonly measurement: Measurement;
}

/** The kernel ran, but its output is not the reference's. */
export interface Wrong {
  readonly kind: 'wrong';
  readonly reason: string;
  /** The same; infinite or NaN where the output was. */
  readonly relativeError: number;
}

export interface Failure {
  readonly kind: Exclude<Verdict, 'ok' | 'wrong'>;
  readonly reason: string;
}
