import type { LaunchPlan } from '../launch.js';
import { outputSize, type Problem, weightsOf } from '../problem.js';

// How the general wgrad kernel splits its work; templates/cuda/general_wgrad.cu.hbs does the same sums.

const WARP = 32;
const WARPS = 8;
/** Sums a thread: with offsets, they leave room for 24 warps a multiprocessor. */
const TAPS = 8;
/** Pixels of dy a block, whose lanes are channels (NHWC) or pixels (NCHW): few enough for a sum in float32. */
const PIXELS = { nhwc: 1024, nchw: 16384 } as const;
/** Pixels a block where kernels are long, so that partial sums of NHWC do not outgrow dy. */
const MOST_PIXELS = 4096;

/** What the template prints. */
export const WGRAD = {
  taps: TAPS,
  warps: WARPS,
  nhwcBand: PIXELS.nhwc,
  nchwBand: PIXELS.nchw,
} as const;

/** The launch for a problem, whatever the batch. */
export function cudaGeneralWgradLaunch(problem: Problem): LaunchPlan {
  const { layout, channels } = problem;
  const kernel = weightsOf(problem);
  const { height, width } = outputSize(problem);
  const pixels = PIXELS[layout];
  const bands = Math.ceil((height * width) / pixels);
  const wanted = Math.max(pixels, Math.min(32 * (kernel + 1), MOST_PIXELS));
  const counters = (layout === 'nhwc' ? Math.ceil(channels / WARP) : channels) * tapSets(kernel);
  return Object.freeze({
    kind: 'launch-plan',
    threads: WARPS * WARP,
    blocks: bands * counters,
    images: Math.max(1, Math.floor(wanted / Math.ceil((height * width) / bands))),
    sharedBytes: 0,
    packedFloats: 0,
    partial: Object.freeze({ fixedFloats: counters, floatsPerGroup: bands * (kernel + 1) * channels }),
  });
}

/** Warps with taps of their own are a power of two: all that are needed, or all of a block. */
function tapSets(kernel: number): number {
  const needed = Math.ceil(kernel / TAPS);
  const slots = Math.min(WARPS, 2 ** Math.ceil(Math.log2(needed)));
  return Math.ceil(needed / slots);
}
