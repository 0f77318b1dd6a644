import { type Group, groups } from '../../group.js';
import { outputSize, type Problem } from '../../problem.js';
import type { CpuTarget, Target } from '../../target.js';
import type { Params, Rule } from '../family.js';
import { apartFromTiles, straightLineRule, tooLarge, tooLong } from '../limits.js';
import { type ShearedParams, scratchFloats, sheared, shearedPlan } from './plan.js';

export function widest(all: readonly Group[]): number {
  return Math.max(...all.map(({ from, to }) => to - from));
}

export const lanesRule = rule('lanes', (_, { lanes }, target) =>
  [1, 2, 4, 8, 16].includes(lanes) && lanes <= target.lanes
    ? undefined
    : `${lanes} lanes are no vector of ${target.isa}, which has up to ${target.lanes}`,
);

// A vector holds channels of one direction only; one that is wider than every group would never be full.
export const lanesGroupRule = rule('lanes-group', (problem, { lanes, depth }) => {
  const width = widest(groups(problem));
  return depth >= 1 && lanes * depth <= width
    ? undefined
    : `${lanes * depth} channels a block are more than the ${width} that share a direction`;
});

export const switchesRule = rule('switches', (_, { prefetch, stream }) =>
  prefetch >= 0 && prefetch <= 2 && (stream === 0 || stream === 1)
    ? undefined
    : `prefetch is 0, 1 or 2 and stream 0 or 1, not ${prefetch} and ${stream}`,
);

// In NCHW the rows of a band lie in L separate planes, which the processor's own prefetcher follows well enough.
export const prefetchPlanesRule = rule('prefetch-planes', ({ layout }, { prefetch, band }) =>
  prefetch === 1 && layout === 'nchw' && band !== 0
    ? 'in NCHW only whole planes are fetched ahead'
    : undefined,
);

/** Rules that look at the parameters alone. */
const PARAMETER_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype }) =>
    op === 'fprop' && dtype === 'f32'
      ? undefined
      : `cpp_sheared computes fprop in f32, not ${op} in ${dtype}`,
  ),
  straightLineRule,
  // An accumulator that is not in a register costs a load and a store at each multiply-add.
  rule('registers', (_, { length }, { registers }) =>
    length >= 1 && length + 2 <= registers
      ? undefined
      : `${length} accumulators, an input and a weight do not fit into ${registers} vector registers`,
  ),
  // A tile that is longer than every side only computes what it throws away.
  rule('tile-length', (problem, { length }) => tooLarge(problem, length, outputSize(problem), 'outputs')),
  lanesRule,
  lanesGroupRule,
  rule('band', (problem, { band }) => {
    const { height } = outputSize(problem);
    return band === 0 || (band >= 1 && band < height)
      ? undefined
      : `a band of ${band} rows is no part of ${height}`;
  }),
  switchesRule,
  // Only in NHWC is a row of pixels whole memory lines, so that one can be staged without its neighbours.
  rule('rolling', ({ layout }, { prefetch, band }) =>
    prefetch !== 2 || (layout === 'nhwc' && band !== 0)
      ? undefined
      : `a slab rolls (prefetch 2) over the bands of an NHWC plane, not ${layout === 'nhwc' ? 'where a band is the whole plane' : 'in NCHW'}`,
  ),
  prefetchPlanesRule,
  // A streamed store that does not fill an aligned line is slower than a plain one.
  rule('stream-lines', (problem, { lanes, stream, band }) => {
    if (stream === 0) return undefined;
    if (lanes !== 16) return `streamed stores fill 64-byte lines, that is 16 lanes, not ${lanes}`;
    const { height, width } = outputSize(problem);
    const aligned =
      problem.layout === 'nhwc'
        ? groups(problem).every(({ from }) => from % 16 === 0) && problem.channels % 16 === 0
        : (height * width) % 16 === 0 && (band * width) % 16 === 0;
    return aligned ? undefined : 'results do not start on 64-byte lines, so they cannot be streamed';
  }),
];

function rule(
  id: string,
  broken: (problem: Problem, params: ShearedParams, target: CpuTarget) => string | undefined,
): Rule {
  return {
    id,
    broken: (problem: Problem, target: Target, params: Params) =>
      target.kind === 'cpu'
        ? broken(problem, sheared(params), target)
        : `cpp_sheared is a family of CPU kernels, not of ${target.kind}`,
  };
}

const programRule: Rule = {
  id: 'program-length',
  broken: (problem, _, params) => tooLong(shearedPlan(problem, sheared(params)).bodies),
};

// Along a steep line tiles start at multiples of their length, and what can only meet zeros there is left out of the
// program: a band must start at such a place, too.
const bandTileRule: Rule = {
  id: 'band-tile',
  broken: (problem, _, params) => {
    const { bodies } = shearedPlan(problem, sheared(params));
    return apartFromTiles(
      bodies.map(({ program }) => program.tile),
      sheared(params).band,
    );
  },
};

// A slab that falls out of the caches is read back from the memory that it was meant to save.
const slabRule: Rule = {
  id: 'slab',
  broken: (problem, target, params) => {
    const plan = shearedPlan(problem, sheared(params));
    const bytes = 4 * Math.max(...plan.blocks.map((block) => scratchFloats(plan, block)));
    const { slabBytes } = target as CpuTarget;
    return bytes <= slabBytes
      ? undefined
      : `${bytes} bytes of staged input are more than the ${slabBytes} that stay cached`;
  },
};

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const SHEARED_RULES: readonly Rule[] = [...PARAMETER_RULES, programRule, bandTileRule, slabRule];
