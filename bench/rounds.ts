import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { mulberry32, shuffled } from '../tuner/random.js';

/** Whatever is timed: one sample of it, in any unit. */
export type Sampler = () => number | Promise<number>;

/**
 * Samples all of them once a round, so that a machine that slows down does so for all. The order changes from round to
 * round: one finds the caches as the one before it left them, and none should always follow the same one. A fixed seed
 * repeats the orders. Before each sample one is taken and thrown away, so that it shows the layer itself and not what the
 * one before it left of code, scratch and page tables; one round more warms up all of them.
 * @param isEnough ends them early; asked after each round, with how many there were
 * @returns the samples of each, in the order of the samplers
 */
export async function sampleInRounds(
  samplers: readonly Sampler[],
  rounds: number,
  onRound: () => void,
  isEnough: (rounds: number) => boolean = () => false,
): Promise<readonly (readonly number[])[]> {
  const random = mulberry32(1);
  const lanes = samplers.map((sample) => ({ sample, samples: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (const { sample, samples } of shuffled(lanes, random)) {
      await sample();
      const value = await sample();
      if (round >= 0) samples.push(value);
    }
    onRound();
    await turnOfTheLoop(); // samplers that never wait would keep Ctrl-C waiting
    if (isEnough(round + 1)) break;
  }
  return lanes.map(({ samples }) => samples);
}
