import { weightsOf } from '../../problem.js';
import { boxRules, tileCountRule } from '../box_rules.js';
import { cudaRules, registersThere } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { MAX_OFFSET, tooLong } from '../limits.js';
import { BLOCK_THREADS, registersOfWarps, WARP } from '../multiprocessor.js';
import { MAX_BOX, mostResident } from '../plane_box.js';
import { boxOf, type StagedParams, type StagedPlan, staged, stagedPlan } from './plan.js';
import { teamOf } from './team.js';

const { rule, planRule } = cudaRules('cuda_staged', staged, stagedPlan);

/** Registers beside weights and sums: addresses, the place, a few values on their way. */
const OTHER_REGISTERS = 16;
/** The same in kernels of teams, whose steps are no powers of 2, for each weight and sum: with less, nvcc 13.0 spilled. */
const OTHERS_OF_TEAM = 0.75;
/** Channels of a block: fewer come in pieces that the L2 answers too slowly, more in no better ones. */
const CHANNELS = { least: 8, most: 48 };
/** Warps that may share lines: a block of a few wide teams could not deal out its tiles evenly. */
const MAX_TEAM = 4;

/** Which channels threads can be dealt out to. */
const channelsRule = rule('channels', (_, { channels }) => {
  // The copy engine moves units of 16 bytes.
  if (channels % 4 !== 0 || channels < CHANNELS.least || channels > CHANNELS.most)
    return `${channels} channels a block are no multiple of 4 from ${CHANNELS.least} to ${CHANNELS.most}`;
  const team = teamOf(channels);
  return team <= MAX_TEAM
    ? undefined
    : `lines of ${channels} channels fill no fewer than ${team} warps, more than the ${MAX_TEAM} that may share them`;
});

/** What makes a schedule legal; the rules that need the whole plan come last. */
export const STAGED_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout, stride }) =>
    op === 'fprop' && dtype === 'f32' && layout === 'nhwc' && stride === 1
      ? undefined
      : `cuda_staged computes fprop of stride 1 in f32 and NHWC, not ${op} of stride ${stride} in ${dtype} and ${layout}`,
  ),
  ...boxRules(rule, channelsRule),
  rule('switches', (_, { places }) => (places === 0 || places === 1 ? undefined : 'switches are 0 or 1')),
  // With one tile a line there is one place, and both switches would be one kernel under two names.
  rule('places', (_, { places, tiles }) =>
    places === 0 || tiles > 1 ? undefined : 'a line of one tile has no places to tell apart',
  ),
  rule('image-size', (problem) => {
    const { height, width, channels } = problem;
    const floats = channels * Math.max(height * width, weightsOf(problem) + 1);
    return floats < MAX_OFFSET
      ? undefined
      : `${floats} floats of an image, or of weights, are beyond offsets of 32 bits`;
  }),
  tileCountRule(rule),
  rule('box', (problem, params) => {
    const { rows, columns } = boxOf(problem, params);
    return Math.max(rows, columns) <= MAX_BOX
      ? undefined
      : `a box of ${rows}x${columns} pixels has a side beyond the copy engine's ${MAX_BOX}`;
  }),
  rule('shared-memory', (problem, params, machine) => {
    const box = boxOf(problem, params);
    const most = mostResident(machine, box.sharedBytes);
    return params.resident >= 1 && params.resident <= most
      ? undefined
      : `blocks resident: ${params.resident} of ${box.sharedBytes} bytes do not fit into shared memory, which holds ${most}`;
  }),
  // Blocks hide one another's waiting, and nothing else would use the memory.
  rule('idle-memory', (problem, params, machine) => {
    const most = mostResident(machine, boxOf(problem, params).sharedBytes);
    return 2 * params.resident > most
      ? undefined
      : `blocks resident: ${params.resident} leave half of the shared memory idle, which holds ${most}`;
  }),
  rule('team', (_, { channels, warps }) => {
    const team = teamOf(channels);
    return warps % team === 0
      ? undefined
      : `${warps} warps are no whole teams of the ${team} that share lines of ${channels} channels`;
  }),
  rule('threads', (_, { warps, resident }, machine) => {
    const threads = WARP * warps;
    return warps >= 1 && threads <= BLOCK_THREADS && threads * resident <= machine.threads
      ? undefined
      : `${resident} blocks of ${threads} threads are more than a multiprocessor's ${machine.threads}, or a block's ${BLOCK_THREADS}`;
  }),
  // Tiles are of equal length, so that 5 of a line of 6 would be 3 under another name.
  planRule('tile-length', ({ params, bodies }) =>
    bodies.some(({ along }) => along === params.tiles)
      ? undefined
      : `lines have no ${params.tiles} tiles of equal length`,
  ),
  // Sums and weights live in registers; what does not fit would be spilled.
  planRule('registers', (plan) => {
    const needed = Math.max(
      ...plan.bodies.map(({ program }) => program.tile.outputs.length + program.taps.taps.length),
    );
    const there = registersOf(plan);
    return needed + othersBeside(needed, plan.params) <= there
      ? undefined
      : `${needed} weights and sums do not fit into the ${there} registers of a thread`;
  }),
  planRule('program-length', ({ params, bodies }) => tooLong(bodies, params.places === 1 ? params.tiles : 1)),
];

/** That a thread has. */
function registersOf({ problem, params: { channels, warps, resident } }: StagedPlan): number {
  return teamOf(channels) > 1
    ? registersOfWarps(warps * resident)
    : registersThere(problem, WARP * warps, resident);
}

/** That it needs beside so many weights and sums. */
function othersBeside(needed: number, { channels }: StagedParams): number {
  return teamOf(channels) > 1 ? Math.max(OTHER_REGISTERS, OTHERS_OF_TEAM * needed) : OTHER_REGISTERS;
}
