import { mulberry32, shuffled } from '../random.js';
import { type Sampling, type Timed, warmBatch } from './batch.js';
import { type Measurement, measurement } from './measurement.js';
import { type Stop, type StoppingRule, stopping } from './stopping.js';

/**
 * Times several things in rounds, each once a round, so that a machine that slows down or speeds up does so for all of
 * them and their medians compare. All get the same number of samples: rounds go on until every median has settled,
 * or until samples or the budget (of the whole, not of each) run out.
 * @returns one measurement each, in their order
 */
export function measureInterleaved(all: readonly Timed[], sampling: Sampling): readonly Measurement[] {
  if (all.length === 0) return [];
  const start = sampling.clock();
  const lanes = all.map((timed) => ({ batch: warmBatch(timed, sampling), samples: [] as number[] }));
  // The order changes from round to round: one finds the caches as the one before it left them, and none should
  // always follow the same one. A fixed seed repeats the orders.
  const random = mulberry32(all.length);
  let stop: Stop | undefined;
  while (!stop) {
    for (const { batch, samples } of shuffled(lanes, random)) samples.push(batch.sample());
    stop = stoppingOfAll(
      lanes.map(({ samples }) => samples),
      sampling.clock() - start,
      sampling.stopping,
    );
  }
  const reason = stop;
  return lanes.map(({ batch, samples }) => measurement(samples, batch.repetitions, reason));
}

/** Settled when all have settled; out of samples or time when one that has not is. */
function stoppingOfAll(
  all: readonly (readonly number[])[],
  elapsed: number,
  rule: StoppingRule,
): Stop | undefined {
  const stops = all.map((samples) => stopping(samples, elapsed, rule));
  return stops.includes(undefined) ? undefined : (stops.find((stop) => stop !== 'settled') ?? 'settled');
}
