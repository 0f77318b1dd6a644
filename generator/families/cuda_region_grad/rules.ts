import { weightsOf } from '../../problem.js';
import { hasClusters } from '../../target.js';
import { dividesGroups } from '../box_rules.js';
import { cudaRules } from '../cuda_rules.js';
import type { Rule } from '../family.js';
import { directions } from '../lane_rules.js';
import { MAX_OFFSET, straightLineRule, tooLongGradients, tooManyProducts } from '../limits.js';
import { BLOCK_THREADS, blocksByShared, registersAThread, SCHEDULERS, WARP } from '../multiprocessor.js';
import { CLUSTER, LANES, SLAB } from './layout.js';
import { regionGrad, regionGradPlan, regionGradRegisters, regionGradShared, regionsOf } from './plan.js';

const { rule, planRule } = cudaRules('cuda_region_grad', regionGrad, regionGradPlan);

/** Pixels of a tile that any part is worth. */
const SHORT_TILE = 14;
/** Two regions of more parts find no shared memory. */
const STRIDES = [1, 2];
/** Of a block. */
const MAX_WARPS = BLOCK_THREADS / WARP;

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
    STRIDES.includes(stride) ? undefined : `stride ${stride} is neither ${STRIDES.join(' nor ')}`,
  ),
  straightLineRule,
  // Offsets inside of an image are 32-bit, those of rows and columns beside it, which are not read, among them.
  rule('image-size', (problem, { rows }) => {
    const { height, width, stride, channels } = problem;
    const beside = weightsOf(problem) + MAX_WARPS;
    const floats = (Math.max(height, rows * stride) + beside) * (width + beside) * channels;
    return floats < MAX_OFFSET
      ? undefined
      : `an image of ${height}x${width}x${channels}, with what lies beside it, has more than 2^31 - 1 values`;
  }),
  rule('lanes', (problem) =>
    dividesGroups(problem, LANES) && problem.channels % SLAB === 0
      ? undefined
      : `groups of channels are no multiples of ${LANES}, or all ${problem.channels} none of ${SLAB}`,
  ),
  // A direction of 16 channels has pieces of 64 bytes by itself.
  rule('directions', (problem) =>
    directions(problem).widest < SLAB
      ? undefined
      : `a direction of ${directions(problem).widest} channels fills pieces of ${SLAB} by itself`,
  ),
  // A tile that is longer than every line only computes what it throws away.
  rule('tile-length', ({ height, width, stride }, { length }) => {
    const longest = Math.max(SHORT_TILE, Math.ceil(Math.max(height, width) / stride));
    return length <= longest ? undefined : `no line of a part has ${length} pixels, or more than ${longest}`;
  }),
  // Tiles that begin anew with a region would else be cut off there.
  rule('tile', (_, { length, rows, columns }) =>
    length >= 1 && rows >= 1 && columns >= 1 && rows % length === 0 && columns % length === 0
      ? undefined
      : `regions of ${rows}x${columns} pixels are no whole tiles of ${length}`,
  ),
  // What lies beyond a part would be computed for nothing.
  rule('region', ({ height, width, stride }, { length, rows, columns }) => {
    const [most, widest] = [height, width].map((side) => Math.ceil(side / stride / length) * length);
    return rows <= most! && columns <= widest!
      ? undefined
      : `regions of ${rows}x${columns} pixels are larger than parts of ${height}x${width} at stride ${stride}`;
  }),
  // Rows that a warp copies one after the other are of the same parts.
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
  rule('grouped', (_, { grouped, warps }) =>
    grouped === 0 || (grouped === 1 && warps % SCHEDULERS === 0)
      ? undefined
      : `switches are 0 or 1, and ${warps} warps do not divide into the ${SCHEDULERS} schedulers of a multiprocessor`,
  ),
  rule('step', ({ channels }, { step }, { arch }) => {
    if (step === 0) return undefined;
    if (step !== 1 && step !== 2) return `blocks go in step by 0, 1 or 2, not by ${step}`;
    if (channels % (SLAB * CLUSTER) !== 0)
      return `${channels} channels are no pairs of blocks, of ${SLAB} each, that could go in step`;
    return hasClusters(arch) ? undefined : `blocks of ${arch} cannot wait for one another`;
  }),
  // A block that has no region would be launched for nothing.
  rule('walk', (problem, { images, pieces, ...region }) => {
    const { across, down } = regionsOf(problem, region);
    const regions = across * down * images;
    // A block counts up to two turns beyond the last region.
    return images >= 1 && pieces >= 1 && pieces <= regions && regions + 2 * pieces < MAX_OFFSET
      ? undefined
      : `${pieces} blocks have no share of the ${regions} regions of ${images} images each, or are with them too many to count in 32 bits`;
  }),
  // A warp keeps the weights and sums of one part.
  planRule('phases', ({ kinds, params }) => {
    const most = Math.max(...kinds.map(({ phases }) => phases.length));
    return most <= params.warps
      ? undefined
      : `${params.warps} warps are fewer than the ${most} parts of a block's directions`;
  }),
  planRule('program-length', ({ bodies, gradients }) => tooLongGradients(bodies, gradients)),
  planRule('products', ({ kinds, params, regions, gradients: { ofWeights } }) => {
    const tiles = kinds.flatMap(({ phases }) => phases.map(({ tasks, warps }) => Math.ceil(tasks / warps)));
    const products =
      Math.max(...tiles) * params.length * Math.ceil((params.images * regions) / params.pieces);
    return ofWeights ? tooManyProducts(products) : undefined;
  }),
  // Weights, sums and pixels of a tile; what does not fit would be spilled.
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
