import { layerName, parseProblemName } from '../generator/name.js';
import { type Problem, problem } from '../generator/problem.js';
import { defineLibrary, type KernelEntry, type KernelLibrary } from '../runtime/library.js';
import { monotonicClock } from '../tuner/measure/clock.js';
import { BenchError } from './errors.js';

/** What it costs a program to look a kernel up, in nanoseconds. */
export interface LookupTime {
  readonly entries: number;
  readonly lookups: number;
  /** Of all in one loop. */
  readonly mean: number;
  /** Of each timed alone, the clock's own time included. */
  readonly p99: number;
}

/** Looks kernels up in turn, by problems that the program has made: each of them is there. */
export function lookupTime(library: KernelLibrary, lookups: number): LookupTime {
  const asked = Object.values(library.kernels).map(({ layer, target }) => ({
    problem: parseProblemName(layer),
    target,
  }));
  const find = (i: number) => {
    const { problem, target } = asked[i % asked.length]!;
    return library.find(problem, target) !== undefined;
  };
  let found = 0;
  const loop = () => {
    found = 0;
    for (let i = 0; i < lookups; i++) found += Number(find(i));
  };
  loop(); // compiled by now
  const start = monotonicClock();
  loop();
  const mean = ((monotonicClock() - start) * 1000) / lookups;
  if (found !== lookups)
    throw new BenchError({
      code: 'lookup-lost',
      value: lookups - found,
      rule: 'so many look-ups did not find their kernel',
      remedy: 'this is a defect of runtime/look_up.ts',
    });
  const times = new Float64Array(lookups);
  for (let i = 0; i < lookups; i++) {
    const begun = monotonicClock();
    find(i);
    times[i] = (monotonicClock() - begun) * 1000;
  }
  return { entries: asked.length, lookups, mean, p99: times.sort()[Math.ceil(0.99 * lookups) - 1]! };
}

/** A library grown to so many entries by the same layers in other sizes. @param entries at least those of the library */
export function grown(library: KernelLibrary, entries: number): KernelLibrary {
  const own = Object.values(library.kernels);
  const all = Array.from({ length: entries }, (_, i): KernelEntry => {
    const entry = own[i % own.length]!;
    const times = Math.floor(i / own.length);
    return times === 0 ? entry : { ...entry, layer: layerName(taller(parseProblemName(entry.layer), times)) };
  });
  return defineLibrary({ folder: library.folder, kernels: Object.fromEntries(all.entries()) });
}

/** Higher alone, so that no square layer turns into another. */
function taller(layer: Problem, times: number): Problem {
  return problem({ ...layer, height: layer.height + times });
}
