import { gradSize } from '../../gradient.js';
import { summedRows } from '../../launch.js';
import { weightsOf } from '../../problem.js';
import { type CudaTarget, startsEarly } from '../../target.js';
import { type Printable, render } from '../../template.js';
import { bodyRanges, foldText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { gradientFacts, gradientTitle } from '../gradient_facts.js';
import { heldText } from './held.js';
import { CLUSTER, LANES, type Layout, SLAB } from './layout.js';
import type { Phase } from './phase.js';
import { type RegionGradPlan, regionGradShared } from './plan.js';
import { type SlabKind, schedulersOf } from './slab_kind.js';
import { fetchersOf, splitOf } from './split.js';
import { tileText } from './tile_text.js';

/** Fills templates/cuda/region_grad.cu.hbs. */
export function emitRegionGrad(plan: RegionGradPlan, target: CudaTarget, symbol: string): Emission {
  const { problem, params, gradients, bodies, threads, slots, kindOfSlab } = plan;
  const { ofInput, ofWeights } = gradients;
  const values = slots * problem.channels;
  const early = ofWeights && startsEarly(target.arch);
  return {
    text: render('cuda/region_grad.cu.hbs', { symbol, early, ...sizes(plan), ...code(plan) }),
    facts: gradientFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: kindOfSlab.length * params.pieces,
      images: params.images,
      sharedBytes: regionGradShared(plan),
      packedFloats: ofInput ? values : 0,
      ...(ofWeights && { partial: summedRows({ values, rows: params.pieces, early }) }),
    },
  };
}

function sizes(plan: RegionGradPlan): Readonly<Record<string, Printable>> {
  const { problem, params, threads, regionsAcross, regions, taps, partFloats, stageFloats } = plan;
  const { channels, height, width, stride } = problem;
  const { rows, columns, warps, producers, step, images, pieces } = params;
  const region = { height: rows * stride, width: columns * stride };
  const grad = gradSize(problem);
  return {
    channels,
    kernel: weightsOf(problem),
    height,
    width,
    stride,
    gradHeight: grad.height,
    gradWidth: grad.width,
    slab: SLAB,
    lanes: LANES,
    rows,
    columns,
    warps,
    producers,
    fetchesApart: producers > 0,
    split: splitOf(region, fetchersOf(params), stride),
    schedulers: schedulersOf(params),
    inStep: step > 0,
    ahead: step === 2,
    cluster: CLUSTER,
    images,
    pieces,
    threads,
    regionsAcross,
    regions,
    taps,
    partFloats,
    stageFloats,
  };
}

function code(plan: RegionGradPlan): Readonly<Record<string, Printable>> {
  const { gradients, bodies, ranges, kinds, kindOfSlab } = plan;
  const { ofInput, ofWeights } = gradients;
  const { firsts, ...fold } = foldText(bodies, ranges);
  const phases = kinds.flatMap((kind) => kind.phases.map((phase) => ({ kind, phase })));
  const firstOf = (kind: SlabKind) => phases.findIndex((one) => one.kind === kind);
  return {
    ...gradients,
    ...fold,
    ranges: bodyRanges(ranges).map((range) => ({ ...range })),
    bodies: firsts.map((first) => ({ first })),
    arguments: [...(ofInput ? ['w'] : []), ...(ofWeights ? ['d'] : [])].join(', '),
    parameters: [
      ...(ofInput ? ['const float (&w)[TAPS]'] : []),
      ...(ofWeights ? ['float (&d)[TAPS + 1]'] : []),
    ].join(', '),
    slabs: [...kindOfSlab],
    kinds: kinds.map((kind, i) => ({ index: i, ...kindData(plan, kind, firstOf(kind)) })),
    directions: phases.map(({ phase }) => phase.direction).join(', '),
    phases: phases.map(({ kind, phase }, i) => ({ index: i, ...phaseData(plan, kind, phase) })),
  };
}

function kindData(
  { problem: { stride }, params, slots, taps }: RegionGradPlan,
  { phases, layout }: SlabKind,
  firstPhase: number,
): Readonly<Record<string, Printable>> {
  const { met, kept } = layout;
  const metParts = new Set(
    phases.map(({ direction, part }) => (direction * stride + part.row) * stride + part.column),
  );
  const parts = Array.from({ length: (SLAB / LANES) * stride * stride }, (_, i) => i);
  return {
    ...stepsData(layout),
    top: met.y.from,
    left: met.x.from,
    rows: met.y.size,
    columns: met.x.size,
    above: met.y.from - kept.y.from,
    before: met.x.from - kept.x.from,
    gradSplit: splitOf({ height: met.y.size, width: met.x.size }, fetchersOf(params), 1),
    held: Array.from({ length: SLAB / LANES }, (_, direction) => ({
      sums: Array.from({ length: slots }, (_, slot) =>
        heldText(phases, direction, slot, { slots, taps }),
      ).join(', '),
    })),
    empty: parts.reduce((bits, i) => bits + (metParts.has(i) ? 0 : 2 ** i), 0),
    warps: phases.flatMap(({ warps }, n) => Array<number>(warps).fill(firstPhase + n)).join(', '),
  };
}

function stepsData({ own, grad }: Layout): Readonly<Record<string, number>> {
  return { row: own.y, column: own.x, gradRow: grad.y, gradColumn: grad.x };
}

function phaseData(
  { problem: { stride }, gradients, taps }: RegionGradPlan,
  { layout }: SlabKind,
  phase: Phase,
): Readonly<Record<string, Printable>> {
  const { direction, body, part, tasks, first, warps } = phase;
  const padded = [...part.slots, ...Array<number>(taps - part.slots.length).fill(-1)];
  return {
    title: gradientTitle(body, part),
    direction,
    slots: padded.join(', '),
    first,
    warps,
    tasks,
    tilesAlong: part.along,
    tilesAcross: part.across,
    part: part.row * stride + part.column,
    ...stepsData(layout),
    above: -layout.kept.y.from,
    before: -layout.kept.x.from,
    ...tileText(phase, layout, gradients),
  };
}
