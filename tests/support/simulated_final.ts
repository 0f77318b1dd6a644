import { type Field, type Interleaved, measureInterleaved } from '../../tuner/measure/interleaved.js';
import { type Finisher, podium } from '../../tuner/podium.js';
import { mulberry32, type Random } from '../../tuner/random.js';
import { TestClock } from './test_clock.js';

/** What a machine does to times. */
export interface Weather {
  /** Of single samples, as a part of a time: a bell. */
  readonly noise: number;
  /** How much slower it is at a moment. Microseconds since the beginning. */
  readonly state?: (now: number) => number;
  /** How often a sample is interrupted, and then takes twice to four times as long. */
  readonly interrupted?: number;
}

export interface Runner {
  readonly kernel: string;
  /** Microseconds. */
  readonly time: number;
  readonly isDefault?: boolean;
  readonly sharedBytes?: number;
}

/** Holds a final of kernels whose true times are known; gives the finishers, best first. */
export function simulatedFinal(
  runners: readonly Runner[],
  weather: Weather,
  seed: number,
): { readonly places: readonly Finisher[]; readonly final: Interleaved } {
  const clock = new TestClock();
  const random = mulberry32(seed);
  const timed = (time: number) => ({
    runs: 1,
    time(repetitions: number) {
      const each = time * weatherNow(weather, clock.read(), random);
      clock.pass(each * repetitions);
      return each;
    },
  });
  const incumbent = runners.findIndex(({ isDefault }) => isDefault);
  const field: Field = {
    kernels: runners.map(({ time }) => timed(time)),
    control: timed(80),
    incumbent: incumbent < 0 ? undefined : incumbent,
  };
  const stopping = { precision: 0.01, minSamples: 10, maxSamples: 150, budget: 1e9 };
  const final = measureInterleaved(field, { clock: clock.read, warmup: 1000, shortest: 50, stopping });
  const finishers = runners.map(
    ({ kernel, isDefault = false, sharedBytes = 0 }, i): Finisher => ({
      ...{ kernel, isDefault, samples: final.kernels[i]!.samples },
      resources: { sharedBytes, registers: 0, threads: 0, length: 0 },
    }),
  );
  return { places: podium(finishers, final.control.samples), final };
}

function weatherNow({ noise, state, interrupted = 0 }: Weather, now: number, random: Random): number {
  const bell = (random() + random() + random() + random() - 2) * Math.sqrt(3);
  const delay = random() < interrupted ? 2 + 2 * random() : 1;
  return Math.max(0.5, 1 + noise * bell) * (state?.(now) ?? 1) * delay;
}
