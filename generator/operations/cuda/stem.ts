import { ProblemError } from '../../errors.js';
import { bodyTitle } from '../../families/body_text.js';
import { plus, tilePlace, tileText } from '../../families/cuda_text.js';
import { LANES as VECTORS } from '../../families/lane_text.js';
import { storeGuards } from '../../guard.js';
import { encodeNumber } from '../../name.js';
import { outputSize } from '../../problem.js';
import { latticeSize, type Program } from '../../program.js';
import { render } from '../../template.js';
import { operationName, type Stem } from '../operation.js';
import type { CudaOperation } from './source.js';
import { LANES, type StemBody, type StemChunk, type StemPlan, stemPlan } from './stem_plan.js';
import { THREADS } from './vector.js';

/** That a pixel in shared memory holds. */
export const MOST_PLANES = 3;
/** Blocks that keep a large GPU busy: below that several share a region. */
const ENOUGH = 256;
/** Blocks a multiprocessor that registers must allow: as many as an H100's shared memory holds. */
const RESIDENT = 2;

/**
 * Emits a stem: templates/cuda/stem.cu.hbs. Where its regions had to be smaller, its name says theirs.
 * @param room bytes of shared memory that a block can have
 * @throws ProblemError if the pixels of no region fit into it
 */
export function stemOperation(op: Stem, room: number): CudaOperation {
  const plan = stemPlan(op, room);
  if (!plan) throw noRoom(op, room);
  const { region, regions, isCut, sharedBytes } = plan;
  const name = `${operationName(op)}${isCut ? `_r${region.height}x${region.width}` : ''}`;
  return Object.freeze<CudaOperation>({
    kind: 'cuda-operation',
    name,
    text: stemText(op, plan, name),
    sharedBytes,
    launch: (images) => ({
      blocks: regions.y * regions.x * images * sharersOf(plan, images),
      threads: THREADS,
    }),
  });
}

function noRoom(op: Stem, room: number): ProblemError {
  return new ProblemError({
    code: 'stem-room',
    value: operationName(op),
    rule: `in ${room} bytes of shared memory a block cannot hold what outputs read at ${op.kernel} taps: the pointwise convolution is a step of its own there`,
    remedy: 'plan the network for the GPU',
  });
}

function stemText(op: Stem, plan: StemPlan, symbol: string): string {
  const { problem, region, regions, pixels, slack, vector, bodies, chunks } = plan;
  const out = outputSize(problem);
  return render('cuda/stem.cu.hbs', {
    symbol,
    ...planeData(op),
    channels: op.channels,
    kernel: op.kernel,
    height: op.height,
    width: op.width,
    stride: op.stride,
    outHeight: out.height,
    outWidth: out.width,
    regionHeight: region.height,
    regionWidth: region.width,
    regionsDown: regions.y,
    regionsAcross: regions.x,
    rows: pixels.height,
    pitch: pixels.width,
    top: pixels.top,
    left: pixels.left,
    before: slack.before,
    ...VECTORS[vector]!,
    vector,
    laneCount: LANES,
    threads: THREADS,
    ...chunkData(chunks),
    units: plan.units.at(-1)!,
    chunkUnit: plan.units.join(', '),
    resident: RESIDENT,
    bodies: bodies.map((body) => bodyData(body, wholeRegions(plan))),
  });
}

/** A pixel's planes, and the members of a float4 that hold them. */
export function planeData({ planes }: Stem) {
  const pixelPlanes = ['.x', '.y', '.z'].slice(0, planes).map((member, index) => ({ member, index }));
  return { planes, holdsPlanes: planes <= MOST_PLANES, pixelPlanes };
}

/** Tables of chunks. */
export function chunkData(chunks: readonly StemChunk[]) {
  return {
    chunkBody: chunks.map(({ body }) => body).join(', '),
    chunkFrom: chunks.map(({ from }) => from).join(', '),
    chunkTo: chunks.map(({ to }) => to).join(', '),
  };
}

/** Blocks that share a region: enough for a large GPU, as long as each warp has a unit to do. */
function sharersOf({ regions, units }: StemPlan, images: number): number {
  const most = Math.ceil(units.at(-1)! / (THREADS / 32));
  return Math.max(1, Math.min(most, Math.floor(ENOUGH / (regions.y * regions.x * images))));
}

function bodyData(body: StemBody, whole: Whole) {
  const { id, program } = body;
  const { taps, tile, origins } = program;
  const [along, across] = tile.major === 'y' ? [origins.y, origins.x] : [origins.x, origins.y];
  const { accumulators, loads } = tileText(program, {
    type: 'Lane',
    zero: 'zero()',
    load: ({ dy, dx }) => `made(in[${dy} * PITCH + ${dx}], point)`,
    multiplyAdd: ({ output, tap }) => `mad(a${output}, v, w[${tap}]);`,
    store: () => '',
    loadTests: () => [],
  });
  return {
    id,
    title: bodyTitle(body),
    taps: taps.taps.length,
    first: [...taps.taps.map((tap) => tap.weights[0]!), taps.kernel].join(', '),
    along: latticeSize(along),
    across: latticeSize(across),
    ...tilePlace(program, 'along', 'across'),
    accumulators: accumulators!,
    loads: loads!,
    ...putData(program, whole),
  };
}

/** Whether the regions cover the outputs exactly, on each axis. */
type Whole = Readonly<Record<'y' | 'x', boolean>>;

function wholeRegions({ problem, region, regions }: StemPlan): Whole {
  const { height, width } = outputSize(problem);
  return { y: regions.y * region.height === height, x: regions.x * region.width === width };
}

/** Stores, and the tests that they need: of tiles that stick out of the region, and of regions that stick out of the image. */
function putData(program: Program, whole: Whole) {
  const tests = new Map<string, string>();
  const test = (axis: 'y' | 'x', offset: number) => {
    const name = `${axis}_${encodeNumber(offset)}`;
    tests.set(name, `inside(${plus(axis, offset)}, place.${axis === 'y' ? 'rows' : 'columns'})`);
    return name;
  };
  const puts = program.tile.outputs.map((output, i) => {
    const guarded = new Set(storeGuards(program, output).map(({ axis }) => axis));
    const needed = (['y', 'x'] as const).filter((axis) => guarded.has(axis) || !whole[axis]);
    const condition = needed.map((axis) => test(axis, output[axis])).join(' && ');
    return `${condition ? `if (${condition}) ` : ''}put(${output.y}, ${output.x}, a${i});`;
  });
  return { tests: [...tests].map(([name, condition]) => ({ name, condition })), puts };
}
