import type { Measurement } from './measurement.js';
import { medianInterval } from './stats.js';

/** Samples that show whether something is beaten. */
const PROBE = 3;
/** How far behind the best is too far: more than trials that are minutes apart differ by, and a probe's short warm-up. */
const SLACK = 1.08;

/** The time that a candidate has to come below in one sample at least, to be sampled in full. Microseconds. */
export function barOf(best: Measurement): number {
  return SLACK * (medianInterval(best.samples)?.high ?? Math.max(...best.samples));
}

/** Whether a few samples are all beyond a bar: a machine's noise makes times longer, never so much shorter. */
export function isBeaten(samples: readonly number[], bar: number | undefined): boolean {
  return bar !== undefined && samples.length >= PROBE && Math.min(...samples) > bar;
}
