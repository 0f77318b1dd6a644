import { outputSize, weightsOf } from '../../problem.js';
import { latticeSize, type Program } from '../../program.js';
import { bandOrigins, slabPixels } from '../../slab.js';
import { type Printable, render } from '../../template.js';
import { chunked } from '../../text.js';
import { bodyFacts, bodyTitle, centreTap } from '../body_text.js';
import type { Emission } from '../family.js';
import { type Block, type Body, rolling, type ShearedPlan, scratchFloats } from './plan.js';

const PER_LINE = 6;

/** Fills templates/cpp/sheared.cpp.hbs. */
export function emitSheared(plan: ShearedPlan, symbol: string): Emission {
  const { problem, params, bandRows, bodies, blocks } = plan;
  const out = outputSize(problem);
  const nhwc = problem.layout === 'nhwc';
  const bands = Math.ceil(out.height / bandRows);
  const data = {
    symbol,
    channels: problem.channels,
    kernel: weightsOf(problem),
    height: problem.height,
    width: problem.width,
    stride: problem.stride,
    outHeight: out.height,
    outWidth: out.width,
    band: bandRows,
    bands,
    banded: bands > 1,
    prefetch: params.prefetch > 0,
    rolling: rolling(params),
    stream: params.stream === 1,
    unstage: !nhwc,
    layoutPartial: nhwc ? 'cpp/layout_nhwc' : 'cpp/layout_nchw',
    inputChannel: nhwc ? '' : ' * HEIGHT * WIDTH',
    outputChannel: nhwc ? '' : ' * OUT_HEIGHT * OUT_WIDTH',
    aheadStep: nhwc ? 'CHANNELS' : '16',
    lanes: lanesOf(blocks),
    bodies: bodies.map((body) => bodyData(plan, body)),
    ...blockData(plan),
  };
  return { text: render('cpp/sheared.cpp.hbs', data), facts: bodyFacts(bodies) };
}

/** What templates/cpp/partials/sheared_body.hbs prints. */
export function bodyData(plan: ShearedPlan, body: Body) {
  const { id, program, slab } = body;
  const { problem, params, bandRows } = plan;
  const nhwc = problem.layout === 'nhwc';
  const y = bandOrigins(program, bandRows);
  const { x } = program.origins;
  const length = program.tile.outputs.length;
  const staged = nhwc
    ? Math.min(bandRows * problem.stride, problem.height) * problem.width
    : Math.ceil((problem.height * problem.width) / 16);
  const beyond = y.to - bandRows;
  return {
    id,
    name: `line_${id}`,
    title: bodyTitle(body),
    slab: { ...slab, pixels: slabPixels(slab) },
    taps: program.taps.taps.length,
    y: { from: y.from, beyond: beyond > 0 ? ` + ${beyond}` : '' },
    loops: loops(program, rolling(params)),
    tiles: latticeSize(y) * latticeSize(x),
    aheadCount: nhwc ? `${staged}` : `D * L * ${staged}`,
    aheadLines: nhwc ? '(D * L + 15) / 16' : '1',
    accumulators: chunked(
      Array.from({ length }, (_, i) => `a${i} = bias`),
      PER_LINE,
      ', ',
    ).join(',\n               '),
    loads: loadData(program),
    puts: chunked(
      program.tile.outputs.map((output, i) => `put(${output.y}, ${output.x}, a${i});`),
      PER_LINE,
      '  ',
    ),
    first: [...program.taps.taps.map((tap) => tap.weights[0]!), program.taps.kernel].join(', '),
    prefetch: params.prefetch > 0,
    rolling: rolling(params),
    ...rollData(body, params.band),
    unstage: !nhwc,
  };
}

/** In a rolling band neighbouring tiles go across the line: they share inputs, and few enough to stay in the L1 cache. */
function loops({ tile, origins: { y, x }, output }: Program, roll: boolean): Printable {
  const rows = `for (int64_t y = begin; y < end; y += ${y.step})`;
  const to = x.to === output.width ? 'OUT_WIDTH' : x.to;
  const columns = `for (int64_t x = ${x.from}; x < ${to}; x += ${x.step})`;
  const [outer, inner] = roll && tile.major === 'x' ? [columns, rows] : [rows, columns];
  return [outer, `  ${inner} {`];
}

/** How far down the tiles of a rolling band read: its last output row, the lowest tap, and the rows before band two. */
function rollData(
  { program: { tile, taps, origins, stride, input } }: Body,
  band: number,
): Record<string, Printable> {
  const lastRow = band - origins.y.step + Math.max(...tile.outputs.map((output) => output.y));
  const lastTap = Math.max(...taps.taps.map((tap) => tap.dy));
  const firstRows = Math.min(input.height, (origins.y.from + lastRow) * stride + lastTap + 1);
  return { step: band, lastRow, lastTap, firstRows };
}

function loadData(program: Program): Printable {
  return program.loads.map(({ dy, dx, uses }) => ({
    dy,
    dx,
    rows: chunked(
      uses.map(({ output, tap }) => `a${output} += v * w(${tap});`),
      PER_LINE,
      '  ',
    ),
  }));
}

/** What the tables of blocks and of their weights print. @param more vectors that are packed behind a block's own, for each of its own */
export function blockData(plan: ShearedPlan, more = 0) {
  let packed = 0;
  const data = plan.blocks.map((block) => {
    const { body, channel, lanes, depth } = block;
    const { taps } = body.program;
    const at = packed;
    packed += (taps.taps.length + 1 + more) * lanes * depth;
    return {
      body: `line_${body.id}`,
      id: body.id,
      channel,
      lanes,
      depth,
      width: lanes * depth,
      packed: at,
      taps: taps.taps.length,
      centre: centreTap(taps),
      scratchFloats: scratchFloats(plan, block),
    };
  });
  return {
    blocks: data,
    packedFloats: packed,
    scratchFloats: Math.max(...data.map((block) => block.scratchFloats)),
  };
}

/** Vector widths in use, and for each the exchanges that transpose a square of it: distance, indices of both halves. */
export function lanesOf(blocks: readonly Pick<Block, 'lanes'>[]): Printable {
  const counts = [...new Set(blocks.map((block) => block.lanes))].sort((a, b) => b - a);
  return counts.map((count) => ({ count, bytes: 4 * count, exchanges: exchanges(count) }));
}

function exchanges(count: number): Printable[] {
  const found: Printable[] = [];
  for (let distance = count / 2; distance >= 1; distance /= 2) {
    const lanes = Array.from({ length: count }, (_, lane) => lane);
    found.push({
      distance,
      low: lanes.map((lane) => (lane & distance ? count + lane - distance : lane)).join(', '),
      high: lanes.map((lane) => (lane & distance ? count + lane : lane + distance)).join(', '),
    });
  }
  return found;
}
