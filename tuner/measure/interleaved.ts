import type { Clocks } from '../../runtime/cuda/clocks.js';
import { mulberry32, shuffled } from '../random.js';
import { type Batch, type Sampling, type Timed, warmBatch } from './batch.js';
import { type ClockRange, clockRange } from './clock_range.js';
import { standings } from './contest.js';
import { isDisturbed, isSlowed } from './disturbance.js';
import { type Measurement, measurement } from './measurement.js';
import { type Stop, type StoppingRule, stopping } from './stopping.js';

/** Kernels that are timed against each other. */
export interface Field {
  readonly kernels: readonly Timed[];
  /** See Contest. */
  readonly incumbent: number | undefined;
  /** A kernel whose time only the machine's state changes, as a copy. */
  readonly control: Timed;
  /** How the device fares, where it tells. */
  readonly clocks?: (() => Clocks | undefined) | undefined;
}

/** What was measured of each, round by round. */
export interface Interleaved {
  /** In the order of the kernels; one that was beaten has samples of the first rounds only. */
  readonly kernels: readonly Measurement[];
  readonly control: Measurement;
  /** Rounds that were disturbed, and so made again: their samples are in none of these. */
  readonly retaken: number;
  /** Of the rounds that stayed; undefined where the device does not tell. */
  readonly clocks: ClockRange | undefined;
}

/** A machine that is never quiet ends up with disturbed rounds, which is what it has. */
const MOST_RETAKEN = 40;
/** Rounds from one look at the standings to the next: looking takes time, and each look may err. */
const BETWEEN_LOOKS = 5;

interface Lane {
  readonly batch: Batch;
  readonly samples: number[];
  isOut: boolean;
}

/**
 * Times kernels and a control in rounds, each once a round, so that a machine that slows down or speeds up does so for all
 * of them. A kernel that is beaten drops out, and leaves its time to the others. Rounds go on until the order and every
 * median of those that are left have settled, or until rounds or the budget (of the whole, not of each) run out.
 */
export function measureInterleaved(
  { kernels, incumbent, control, clocks }: Field,
  sampling: Sampling,
): Interleaved {
  const start = sampling.clock();
  const lane = (timed: Timed): Lane => ({ batch: warmBatch(timed, sampling), samples: [], isOut: false });
  const lanes = kernels.map(lane);
  const pace = lane(control);
  const round = rounds([...lanes, pace], pace, clocks);
  const elapsed = () => sampling.clock() - start;
  const isInTime = () => elapsed() < sampling.stopping.budget;
  let stop: Stop | undefined;
  while (!stop) {
    round.take(isInTime);
    const look = pace.samples.length % BETWEEN_LOOKS === 0;
    const contest = { kernels: lanes.map(({ samples }) => samples), control: pace.samples, incumbent };
    const { beaten, settled } = look ? standings(contest) : { beaten: [], settled: false };
    for (const i of beaten) lanes[i]!.isOut = true;
    const running = [...lanes.filter(({ isOut }) => !isOut), pace];
    stop = stoppingOfAll(running, elapsed(), sampling.stopping, settled);
  }
  const reason = stop;
  const made = ({ batch, samples, isOut }: Lane) =>
    measurement(samples, batch.repetitions, isOut ? 'settled' : reason);
  return { kernels: lanes.map(made), control: made(pace), ...round.ended() };
}

/** Takes rounds of a sample each, and those that were disturbed again while there is time. */
function rounds(lanes: readonly Lane[], pace: Lane, clocks: Field['clocks']) {
  // The order changes from round to round: one finds the caches as the one before it left them, and none should
  // always follow the same one. A fixed seed repeats the orders.
  const random = mulberry32(lanes.length);
  const controls: number[] = [];
  const readings: Clocks[] = [];
  const kept: Clocks[] = [];
  let retaken = 0;
  const once = () => {
    const running = lanes.filter(({ isOut }) => !isOut);
    const taken = new Map(shuffled(running, random).map((lane) => [lane, lane.batch.sample()] as const));
    const reading = clocks?.();
    const disturbed = isDisturbed(taken.get(pace)!, controls) || isSlowed(reading, readings);
    controls.push(taken.get(pace)!);
    if (reading) readings.push(reading);
    return { taken, reading, disturbed };
  };
  return {
    ended: () => ({ retaken, clocks: clockRange(kept) }),
    take(isInTime: () => boolean) {
      let round = once();
      for (; round.disturbed && retaken < MOST_RETAKEN && isInTime(); round = once()) retaken++;
      for (const [{ samples }, sample] of round.taken) samples.push(sample);
      if (round.reading) kept.push(round.reading);
    },
  };
}

/** Settled when the order and all medians have; out of samples or time when one that has not is. */
function stoppingOfAll(
  running: readonly Lane[],
  elapsed: number,
  rule: StoppingRule,
  settled: boolean,
): Stop | undefined {
  // No samples are enough while the order is open.
  const minSamples = settled ? rule.minSamples : Number.POSITIVE_INFINITY;
  const stops = running.map(({ samples }) => stopping(samples, elapsed, { ...rule, minSamples }));
  return stops.includes(undefined) ? undefined : (stops.find((stop) => stop !== 'settled') ?? 'settled');
}
