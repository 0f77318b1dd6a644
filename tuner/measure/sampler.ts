import { type Sampling, type Timed, warmBatch } from './batch.js';
import { type Measurement, measurement } from './measurement.js';
import { type Stop, stopping } from './stopping.js';

/** Times one thing until its stopping rule is content. */
export function measure(timed: Timed, sampling: Sampling): Measurement {
  const start = sampling.clock();
  const batch = warmBatch(timed, sampling);
  const samples: number[] = [];
  let stop: Stop | undefined;
  while (!stop) {
    samples.push(batch.sample());
    stop = stopping(samples, sampling.clock() - start, sampling.stopping);
  }
  return measurement(samples, batch.repetitions, stop);
}
