import fc from 'fast-check';
import type { Params } from '../../generator/families/family.js';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { type Schedule, schedule } from '../../generator/schedule.js';
import { cpuTarget, type Isa } from '../../generator/target.js';
import { anyLayer } from './arbitrary.js';
import { LONGEST_TEXT, mostVaried } from './most_varied.js';

const anyParams: fc.Arbitrary<Params> = fc.record({
  length: fc.integer({ min: 1, max: 20 }),
  lanes: fc.constantFrom(1, 2, 4, 8, 16),
  depth: fc.integer({ min: 1, max: 3 }),
  band: fc.constantFrom(0, 0, 1, 3, 8),
  prefetch: fc.constantFrom(0, 1),
  stream: fc.constantFrom(0, 1),
});

interface Change {
  readonly layer?: Partial<ProblemSpec>;
  readonly params?: Params;
}

const WIDE: Change = { layer: { channels: 32, width: 16 } };
const STREAMED: Change = {
  layer: { channels: 64, angles: [0, 60] },
  params: { lanes: 16, depth: 2, stream: 1 },
};
const ROLLING: Change = {
  layer: { layout: 'nhwc', height: 19 },
  params: { prefetch: 2, band: 4, stream: 0 },
};

/**
 * `count` different legal kernels of small random layers, the same for the same seed. Wide vectors need many channels
 * of one direction, and streaming needs whole lines, so that these are asked for now and then, as are slabs that roll.
 * @param make makes a layer's problem
 */
export function someKernels(isa: Isa, count: number, seed: number, make = problem): readonly Schedule[] {
  const anyCase = fc.tuple(anyLayer, anyParams, fc.constantFrom<Change>({}, {}, WIDE, STREAMED, ROLLING));
  const found = new Map<string, Schedule>();
  for (const [spec, params, change] of fc.sample(anyCase, { seed, numRuns: 60 * count })) {
    const asked = make({ ...spec, ...change.layer });
    const made = schedule(asked, cpuTarget(isa), 'cpp_sheared', { ...params, ...change.params });
    if (made.kind === 'schedule') found.set(made.name, made);
  }
  return mostVaried([...found.values()], count, LONGEST_TEXT);
}
