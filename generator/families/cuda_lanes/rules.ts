import { outputSize } from '../../problem.js';
import { usedTaps, widestGroup } from '../chunk.js';
import { cudaRules, registersThere } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { MAX_OFFSET, straightLineRule, tooLarge, tooLong } from '../limits.js';
import { BLOCK_THREADS, blocksByShared, registersAThread, WARP } from '../multiprocessor.js';
import { BULK, type LanesPlan, lanes, lanesPlan } from './plan.js';

const { rule, planRule } = cudaRules('cuda_lanes', lanes, lanesPlan);

/** Addresses, indices and tests of a thread, roughly. */
const OTHER_REGISTERS = 16;
/** What any schedule may ask for. */
const FEW_REGISTERS = 64;
/** The fewest lanes that channels are spread over. */
const FEW_LANES = 8;

/** What makes a schedule legal; rules that need the whole plan come last. */
export const LANES_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nchw'
      ? undefined
      : `cuda_lanes computes fprop in f32 and NCHW, not ${op} in ${dtype} and ${layout}`,
  ),
  straightLineRule,
  // Offsets inside of an image are 32-bit.
  rule('image-size', ({ height, width, channels }) =>
    height * width * channels < MAX_OFFSET
      ? undefined
      : `an image of ${channels}x${height}x${width} has more than 2^31 - 1 values`,
  ),
  rule('lanes', (_, { lanes }) =>
    [8, 16, 32].includes(lanes) ? undefined : `${lanes} lanes are none of 8, 16 and 32`,
  ),
  // Lanes beyond a group's channels have nothing to do.
  rule('lanes-idle', (problem, { lanes }) =>
    lanes === FEW_LANES || widestGroup(problem) > lanes / 2
      ? undefined
      : `half of ${lanes} lanes hold the ${widestGroup(problem)} channels of the widest group`,
  ),
  rule('copy', (_, { copy }) =>
    [4, 16, BULK].includes(copy) ? undefined : `copies of ${copy} bytes are none of 4, 16 and ${BULK}, all`,
  ),
  // A tile that is longer than every side only computes what it throws away.
  rule('tile-length', (problem, { length }) => tooLarge(problem, length, outputSize(problem), 'outputs')),
  rule('block', (_, { warps, images, resident }, { threads, blocks }) =>
    warps >= 1 &&
    images >= 1 &&
    resident >= 1 &&
    WARP * warps <= BLOCK_THREADS &&
    WARP * warps * resident <= threads &&
    resident <= blocks
      ? undefined
      : `${resident} blocks of ${warps} warps are more than a multiprocessor's ${blocks} or ${threads} threads, or a block's ${BLOCK_THREADS}`,
  ),
  // What is copied in units of 16 bytes starts and ends at multiples of them, in every image.
  planRule('copy-aligned', (plan) =>
    plan.params.copy === 4 || aligned(plan)
      ? undefined
      : `chunks of planes of ${plan.plane} and ${plan.outPlane} floats do not all start at 16 bytes`,
  ),
  planRule('shared-memory', ({ params: { resident }, sharedBytes }, machine) => {
    const fit = blocksByShared(machine, sharedBytes);
    return resident <= fit
      ? undefined
      : `${resident} blocks of ${sharedBytes} bytes do not fit into shared memory, where ${fit} do`;
  }),
  // Accumulators and weights live in registers; what does not fit would be spilled.
  planRule('registers', ({ problem, bodies, threads, params: { length, resident } }) => {
    const weights = Math.max(...bodies.map(({ program }) => usedTaps(program)));
    const there = registersThere(problem, threads, resident);
    return length + weights + OTHER_REGISTERS <= there
      ? undefined
      : `${length} outputs and ${weights} weights do not fit into the ${there} registers of a thread`;
  }),
  // Single values reach the same places as units of 16 bytes where planes have no gap between them anyway.
  planRule('copy-single', (plan) => {
    const gaps = plan.pitch > plan.plane || plan.outPitch > plan.outPlane;
    return plan.params.copy !== 4 || gaps || !aligned(plan)
      ? undefined
      : 'copies of 4 bytes do what a quarter as many of 16 bytes do';
  }),
  // The compiler fills registers with inputs that it loads ahead of their use, but not with more than there are.
  planRule('registers-idle', ({ bodies, threads, sharedBytes, params: { length, resident } }, machine) => {
    const values = bodies.map(({ program }) => usedTaps(program) + program.loads.length);
    const most = length + Math.max(...values) + OTHER_REGISTERS;
    const more =
      resident < blocksByShared(machine, sharedBytes) && threads * (resident + 1) <= machine.threads;
    return !more || registersAThread(threads, resident + 1) < Math.max(most, FEW_REGISTERS)
      ? undefined
      : `one more block than ${resident} would leave the ${most} registers that all values of a tile take`;
  }),
  planRule('program-length', ({ bodies }) => tooLong(bodies)),
];

function aligned({ problem, chunks, plane, outPlane }: LanesPlan): boolean {
  const starts = [problem.channels, ...chunks.map(({ from }) => from)];
  return [plane, outPlane].every((floats) => starts.every((channel) => (channel * floats) % 4 === 0));
}
