import type { Timed } from './batch.js';
import type { Clock } from './clock.js';

/** One run on one of several equal sets of buffers. It is synchronous: when it returns, the work is done. */
export type Run = (set: number) => void;

/**
 * A run timed by a clock of the host's.
 * @param sets that the runs take in turn: with more than the last cache holds, each run finds its input in memory, as a
 *   layer in a network does; with one set, small problems are timed in the cache
 */
export function clocked(run: Run, sets: number, clock: Clock): Timed {
  let set = 0;
  return {
    runs: 1,
    time(repetitions) {
      const start = clock();
      for (let i = 0; i < repetitions; i++) {
        run(set);
        set = (set + 1) % sets;
      }
      return (clock() - start) / repetitions;
    },
  };
}
