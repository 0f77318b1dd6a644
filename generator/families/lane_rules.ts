import { groups } from '../group.js';
import { memoizeEach } from '../memo.js';
import type { Problem } from '../problem.js';
import { widestGroup } from './chunk.js';
import type { MakeRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import { MAX_OFFSET } from './limits.js';
import { BLOCK_THREADS, WARP } from './multiprocessor.js';

/** What families have in common whose lanes are channels, in NHWC. */
interface LaneParams {
  /** Channels a lane. */
  readonly vector: number;
  /** Lanes of a warp that hold a tile's channels. */
  readonly lanes: number;
  /** Warps of a block along a line and across lines. */
  readonly along: number;
  readonly across: number;
  /** Blocks a multiprocessor. */
  readonly resident: number;
}

/** The fewest lanes that a tile's channels are spread over: 32 bytes of a pixel. */
const FEW_LANES = 8;

/** Where groups of channels start, and how many channels and taps the widest and longest have. A space asks for it thousands of times. */
export const directions = memoizeEach((problem: Problem) => ({
  starts: groups(problem).map(({ from }) => from),
  widest: widestGroup(problem),
  taps: Math.max(...groups(problem).map(({ taps }) => taps.taps.length)),
}));

/** How channels go into lanes. */
export function laneRules<T extends LaneParams>(rule: MakeRule<T>): readonly Rule[] {
  return [
    // Offsets inside of an image are 32-bit.
    rule('image-size', ({ height, width, channels }) =>
      height * width * channels < MAX_OFFSET
        ? undefined
        : `an image of ${height}x${width}x${channels} has more than 2^31 - 1 values`,
    ),
    // A lane is a load of 4 or 8 bytes.
    rule('vector', (_, { vector }) =>
      [1, 2].includes(vector) ? undefined : `${vector} channels a lane are neither 1 nor 2`,
    ),
    // A lane holds channels of one direction only, and starts at a multiple of its own size.
    rule('vector-group', (problem, { vector }) =>
      problem.channels % vector === 0 && directions(problem).starts.every((from) => from % vector === 0)
        ? undefined
        : `groups of channels do not start at multiples of ${vector}`,
    ),
    rule('lanes', (_, { lanes }) =>
      [8, 16, 32].includes(lanes) ? undefined : `${lanes} lanes are none of 8, 16 and 32`,
    ),
    // Lanes beyond a group's channels have nothing to do.
    rule('lanes-idle', (problem, { lanes, vector }) => {
      const needed = Math.ceil(directions(problem).widest / vector);
      const narrowest = lanes === FEW_LANES && vector === 1;
      return narrowest || needed > lanes / 2
        ? undefined
        : `half of ${lanes} lanes hold the ${needed} of the widest group`;
    }),
    // Short pieces of a pixel reach the second cache's limit of requests before its limit of bytes.
    rule('lanes-short', (problem, { lanes, vector }) =>
      lanes === WARP || directions(problem).widest < 2 * lanes * vector
        ? undefined
        : `groups of ${directions(problem).widest} channels fill more than ${lanes} lanes of ${vector}`,
    ),
  ];
}

/** How many threads a block may have, and a multiprocessor. */
export function blockRule<T extends LaneParams>(rule: MakeRule<T>): Rule {
  return rule('block', (_, { along, across, resident }, machine) => {
    const threads = WARP * along * across;
    return threads >= WARP &&
      resident >= 1 &&
      threads <= BLOCK_THREADS &&
      threads * resident <= machine.threads &&
      resident <= machine.blocks
      ? undefined
      : `${resident} blocks of ${threads} threads are more than a multiprocessor's ${machine.blocks} or ${machine.threads}, or a block's ${BLOCK_THREADS}`;
  });
}
