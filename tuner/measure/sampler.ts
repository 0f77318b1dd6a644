import { type Run, type Sampling, warmBatch } from './batch.js';
import { type Measurement, measurement } from './measurement.js';
import { type Stop, stopping } from './stopping.js';

/** Times a run until its stopping rule is content. The run is synchronous: when it returns, the work is done. */
export function measure(run: Run, sampling: Sampling): Measurement {
  const start = sampling.clock();
  const batch = warmBatch(run, sampling);
  const samples: number[] = [];
  let stop: Stop | undefined;
  while (!stop) {
    samples.push(batch.sample());
    stop = stopping(samples, sampling.clock() - start, sampling.stopping);
  }
  return measurement(samples, batch.repetitions, stop);
}
