import { blockData, bodyData, lanesOf } from '../../families/cpp_sheared/emit.js';
import { type ShearedPlan, scratchFloats, shearedPlan } from '../../families/cpp_sheared/plan.js';
import { groups } from '../../group.js';
import { outputSize, type Problem } from '../../problem.js';
import type { CpuTarget } from '../../target.js';
import { render } from '../../template.js';
import type { Stem } from '../operation.js';
import { stemConvolution } from '../stem.js';

/**
 * Outputs a tile, and tiles of a band down a column. Measured at 224x224, K = 31 and 15, in vectors of 8, against tiles of 4 to 16
 * outputs and bands of 14 rows up to the whole plane: that falls out of a core's own cache, and of low bands more is made twice.
 */
const LENGTH = 7;
const BAND_TILES = 4;

/** More planes than a stem can have. */
const UNROLL = 32;

/** Fills templates/cpp/stem.cpp.hbs. */
export function stemText(op: Stem, target: CpuTarget, symbol: string): string {
  const plan = stemPlan(stemConvolution(op), target);
  const { problem, bodies, blocks, bandRows } = plan;
  const out = outputSize(problem);
  return render('cpp/stem.cpp.hbs', {
    symbol,
    planes: op.planes,
    channels: op.channels,
    kernel: op.kernel,
    height: op.height,
    width: op.width,
    stride: op.stride,
    outHeight: out.height,
    outWidth: out.width,
    band: bandRows,
    bands: Math.ceil(out.height / bandRows),
    unroll: UNROLL,
    lanes: lanesOf(blocks),
    stream: false,
    bodies: bodies.map((body) => bodyData(plan, body)),
    ...blockData(plan, op.planes + 1),
  });
}

/** Bands of as many tiles as stay cached. */
function stemPlan(problem: Problem, target: CpuTarget): ShearedPlan {
  const { height, width } = outputSize(problem);
  const widest = Math.max(...groups(problem).map(({ from, to }) => to - from));
  const lanes = Math.min(target.lanes, 2 ** Math.floor(Math.log2(widest)));
  const length = Math.min(LENGTH, height, width);
  const plans = Array.from({ length: BAND_TILES }, (_, i) =>
    shearedPlan(problem, {
      length,
      lanes,
      depth: 1,
      band: (BAND_TILES - i) * length,
      prefetch: 0,
      stream: 0,
    }),
  );
  return plans.find((plan) => isCached(plan, target)) ?? plans.at(-1)!;
}

function isCached(plan: ShearedPlan, { slabBytes }: CpuTarget): boolean {
  return plan.blocks.every((block) => 4 * scratchFloats(plan, block) <= slabBytes);
}
