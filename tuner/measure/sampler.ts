import { isBeaten } from './bar.js';
import { type Batch, type Sampling, type Timed, warmBatch } from './batch.js';
import { type Measurement, measurement } from './measurement.js';
import { type Stop, stopping } from './stopping.js';

/** Where there is a bar, this part of the warm-up goes by before anything is sampled. */
const UNSEEN = 1 / 8;

/**
 * Times one thing until its stopping rule is content. Where there is a bar, most of the warm-up is sampled already: a few
 * samples are enough for what does not come near the bar, and most candidates do not, so that the time goes to those that do.
 */
export function measure(timed: Timed, sampling: Sampling): Measurement {
  const start = sampling.clock();
  const { warmup, stopping: rule } = sampling;
  const isBarred = rule.bar !== undefined;
  const batch = warmBatch(timed, { ...sampling, warmup: isBarred ? warmup * UNSEEN : warmup });
  const elapsed = () => sampling.clock() - start;
  if (isBarred) {
    const warming = warmOn(batch, rule.bar, () => elapsed() < warmup);
    if (warming) return measurement(warming, batch.repetitions, 'beaten');
  }
  const samples: number[] = [];
  let stop: Stop | undefined;
  while (!stop) {
    samples.push(batch.sample());
    stop = stopping(samples, elapsed(), rule);
  }
  return measurement(samples, batch.repetitions, stop);
}

/** @returns the samples, if all of the first few are beyond the bar */
function warmOn(
  batch: Batch,
  bar: number | undefined,
  isWarming: () => boolean,
): readonly number[] | undefined {
  const samples: number[] = [];
  while (isWarming()) {
    samples.push(batch.sample());
    if (isBeaten(samples, bar)) return samples;
  }
  return undefined;
}
