import { multiplyAdds } from '../../program.js';
import { dividesGroups } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { directions } from '../lane_rules.js';
import { straightLineRule, tooManyMultiplyAdds } from '../limits.js';
import { blocksByShared, registersAThread } from '../multiprocessor.js';
import { LANES, SLAB } from './layout.js';
import { regionGrad, regionGradPlan, regionGradRegisters, regionGradShared } from './plan.js';

const { rule, planRule } = cudaRules('cuda_region_grad', regionGrad, regionGradPlan);

/** Offsets inside of an image, in floats. */
const MAX_OFFSET = 2 ** 31;
/** A warp copies so many pixels at a time, of the same parts each time; parts of directions are bits of a word. */
const STRIDES = [1, 2, 4];
/** Of a block. */
const MAX_WARPS = 32;

/** What makes a schedule legal; rules that need the whole plan come last. */
export const REGION_GRAD_RULES: readonly Rule[] = [
  rule('kind', ({ op, dtype, layout }) =>
    op !== 'fprop' && dtype === 'f32' && layout === 'nhwc'
      ? undefined
      : `cuda_region_grad computes wgrad, backward and dgrad in f32 and NHWC, not ${op} in ${dtype} and ${layout}`,
  ),
  rule('dgrad-stride', ({ op, stride }) =>
    op !== 'dgrad' || stride > 1
      ? undefined
      : 'dgrad at stride 1 is fprop with reversed weights, which forward families compute',
  ),
  rule('stride', ({ stride }) =>
    STRIDES.includes(stride) ? undefined : `stride ${stride} is none of ${STRIDES.join(', ')}`,
  ),
  straightLineRule,
  rule('image-size', ({ height, width, channels }) =>
    height * width * channels < MAX_OFFSET
      ? undefined
      : `an image of ${height}x${width}x${channels} has more than 2^31 - 1 values`,
  ),
  rule('lanes', (problem) =>
    dividesGroups(problem, LANES) && problem.channels % SLAB === 0
      ? undefined
      : `groups of channels are no multiples of ${LANES}, or all ${problem.channels} none of ${SLAB}`,
  ),
  // One with more has pieces of its own that are as long.
  rule('directions', (problem) =>
    directions(problem).widest < SLAB
      ? undefined
      : `a direction of ${directions(problem).widest} channels fills pieces of ${SLAB} by itself`,
  ),
  // Tiles that begin anew with a region would else be cut off there.
  rule('tile', (_, { length, rows, columns }) =>
    length >= 1 && rows >= 1 && columns >= 1 && rows % length === 0 && columns % length === 0
      ? undefined
      : `regions of ${rows}x${columns} pixels are no whole tiles of ${length}`,
  ),
  rule('region', ({ height, width, stride }, { length, rows, columns }) => {
    const [most, widest] = [height, width].map((side) => Math.ceil(side / stride / length) * length);
    return rows <= most! && columns <= widest!
      ? undefined
      : `regions of ${rows}x${columns} pixels are larger than parts of ${height}x${width} at stride ${stride}`;
  }),
  rule('warps', ({ stride }, { warps, producers }) =>
    warps >= 1 &&
    producers >= 0 &&
    warps + producers <= MAX_WARPS &&
    warps % stride === 0 &&
    producers % stride === 0
      ? undefined
      : `${warps} and ${producers} warps are no multiples of the stride, ${stride}, or more than a block's ${MAX_WARPS}`,
  ),
  rule('apart', (_, { apart }) => (apart === 0 || apart === 1 ? undefined : 'switches are 0 or 1')),
  rule('walk', ({ height, width, stride }, { rows, columns, images, pieces }) => {
    const regions = Math.ceil(height / (rows * stride)) * Math.ceil(width / (columns * stride)) * images;
    return images >= 1 && pieces >= 1 && pieces <= regions
      ? undefined
      : `${pieces} blocks have no share of the ${regions} regions of ${images} images each`;
  }),
  planRule('phases', ({ kinds, params }) => {
    const most = Math.max(...kinds.map(({ phases }) => phases.length));
    return most <= params.warps
      ? undefined
      : `${params.warps} warps are fewer than the ${most} parts of a block's directions`;
  }),
  planRule('program-length', ({ kinds, gradients: { ofInput, ofWeights } }) => {
    const pairs = ({ parts }: (typeof kinds)[number]['bodies'][number]) =>
      parts.reduce((sum, { program }) => sum + multiplyAdds(program), 0);
    const longest = Math.max(...kinds.flatMap(({ bodies }) => bodies.map(pairs)));
    return tooManyMultiplyAdds(longest * (ofInput && ofWeights ? 2 : 1));
  }),
  planRule('registers', (plan) => {
    const [needed, there] = [regionGradRegisters(plan), registersAThread(plan.threads, 1)];
    return needed <= there
      ? undefined
      : `a thread needs about ${needed} registers and has ${there} in a block of ${plan.threads}`;
  }),
  planRule('shared-memory', (plan, machine) => {
    const bytes = regionGradShared(plan);
    return blocksByShared(machine, bytes) > 0
      ? undefined
      : `two regions with their dy take ${bytes} bytes of shared memory, and a block has ${machine.blockShared}`;
  }),
];
