import { type GradientPart, gradSize } from '../../gradient.js';
import { weightsOf } from '../../problem.js';
import { latticeSize, multiplyAdds, type Program } from '../../program.js';
import { bandOrigins, slabPixels } from '../../slab.js';
import { type Printable, render } from '../../template.js';
import { angleFacts } from '../body_text.js';
import { lanesOf } from '../cpp_sheared/emit.js';
import { rolling } from '../cpp_sheared/plan.js';
import type { Emission } from '../family.js';
import { gradientsOf } from '../gradient_text.js';
import { partText, partTitle } from './part_text.js';
import { blockRows, type GradBody, type GradPlan, scratchOf } from './plan.js';

/** Fills templates/cpp/sheared_grad.cpp.hbs. */
export function emitGrad(plan: GradPlan, symbol: string): Emission {
  const { problem, bandRows, bodies, blocks } = plan;
  const { op, layout, channels, height, width, stride } = problem;
  const nhwc = layout === 'nhwc';
  const out = gradSize(problem);
  const isDgrad = op === 'dgrad';
  const data = {
    symbol,
    channels,
    kernel: weightsOf(problem),
    height,
    width,
    stride,
    outHeight: out.height,
    outWidth: out.width,
    band: bandRows,
    bands: Math.ceil(out.height / bandRows),
    ...switches(plan),
    layoutPartial: nhwc ? 'cpp/grad_nhwc' : 'cpp/grad_nchw',
    inputPixel: nhwc
      ? '(image * HEIGHT + row * STRIDE) * WIDTH * CHANNELS'
      : '(image * CHANNELS * HEIGHT + row * STRIDE) * WIDTH',
    inputChannel: nhwc ? '' : ' * HEIGHT * WIDTH',
    outputChannel: nhwc ? '' : ' * OUT_HEIGHT * OUT_WIDTH',
    slabStart: isDgrad ? '' : ' + block.rows * block.width',
    aheadStep: nhwc ? 'CHANNELS' : '16',
    call: isDgrad ? 'O1dCall' : 'O1dGradientCall',
    grad: isDgrad ? 'input' : 'grad',
    inputGrad: isDgrad ? 'output' : 'input_grad',
    lanes: lanesOf(blocks),
    bodies: bodies.map((body) => bodyData(plan, body)),
    blocks: blocks.map((block) => ({
      body: `line_${block.body.id}`,
      id: block.body.id,
      channel: block.channel,
      lanes: block.lanes,
      depth: block.depth,
      width: block.lanes * block.depth,
      rows: blockRows(block),
      taps: block.body.taps.taps.length,
      centre: block.body.centre,
      scratchFloats: scratchOf(plan, block).total,
    })),
    packedFloats: gradientsOf(op).ofInput ? 'FLOATS' : '0',
    scratchFloats: Math.max(...blocks.map((block) => scratchOf(plan, block).total)),
  };
  return { text: render('cpp/sheared_grad.cpp.hbs', data), facts: gradFacts(plan) };
}

/** What the templates' conditions ask for, at every level. */
function switches({ problem, params, bandRows }: GradPlan) {
  const gradients = gradientsOf(problem.op);
  const planes = problem.layout === 'nchw';
  return {
    ...gradients,
    banded: bandRows < gradSize(problem).height,
    prefetch: params.prefetch > 0,
    rolling: rolling(params),
    stream: params.stream === 1,
    planes,
    unstage: planes && gradients.ofInput,
  };
}

function bodyData(plan: GradPlan, body: GradBody): Printable {
  const { id, taps, parts, slab } = body;
  const tiles = parts.reduce((sum, part) => sum + bandTiles(part, plan.bandRows), 0);
  return {
    id,
    name: `line_${id}`,
    slab: { ...slab, pixels: slabPixels(slab) },
    taps: taps.taps.length,
    first: [...taps.taps.map((tap) => tap.weights[0]!), taps.kernel].join(', '),
    parts: parts.map((part) => ({
      id,
      ...switches(plan),
      ...aheadData(plan),
      tiles,
      title: partTitle(plan, body, part),
      ...partText(plan, id, part),
    })),
    ...switches(plan),
    ...rollData(parts[0]!, plan.params.band),
  };
}

function bandTiles({ program }: GradientPart, bandRows: number): number {
  return latticeSize(bandOrigins(program, bandRows)) * latticeSize(program.origins.x);
}

/** What a unit fetches ahead: pixels in NHWC, lines in NCHW. */
function aheadData({ problem, bandRows }: GradPlan): Record<string, Printable> {
  const { layout, height, width, stride } = problem;
  const [own, all] = [bandRows * gradSize(problem).width, Math.min(bandRows * stride, height) * width];
  return layout === 'nhwc'
    ? { aheadGrad: own, aheadInput: all, aheadLines: '(D * L + 15) / 16' }
    : {
        aheadGrad: `D * L * ${Math.ceil(own / 16)}`,
        aheadInput: `D * L * ${Math.ceil(all / 16)}`,
        aheadLines: '1',
      };
}

/** How far down the tiles of a rolling band read: its last row, the lowest tap, and the rows of dy and x before band two. */
function rollData({ program }: GradientPart, band: number): Record<string, Printable> {
  const { tile, taps, origins, input, output } = program;
  const lastRow = band - origins.y.step + Math.max(...tile.outputs.map(({ y }) => y));
  const lastTap = Math.max(...taps.taps.map((tap) => tap.dy));
  const beyond = origins.y.to - output.height;
  return {
    y: { from: origins.y.from, beyond: beyond > 0 ? ` + ${beyond}` : '' },
    step: band,
    lastRow,
    lastTap,
    firstRows: Math.min(input.height, origins.y.from + lastRow + lastTap + 1),
    readRows: Math.min(output.height, Math.max(0, origins.y.from + lastRow + 1)),
  };
}

function gradFacts({ bodies }: GradPlan): Readonly<Record<string, string>> {
  const list = (value: (body: GradBody) => string | number) =>
    bodies.map((body) => `${value(body)}`).join(' ');
  const parts = (value: (program: Program) => number) =>
    list((body) => body.parts.map(({ program }) => value(program)).join('+'));
  return {
    ...angleFacts(bodies),
    'distinct taps': list(({ taps }) => taps.taps.length),
    'loads of dy a tile': parts(({ loads }) => loads.length),
    'uses of them a tile': parts(multiplyAdds),
  };
}
