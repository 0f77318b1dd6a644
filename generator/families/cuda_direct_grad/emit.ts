import { gradSize } from '../../gradient.js';
import { summedRows } from '../../launch.js';
import { weightsOf } from '../../problem.js';
import { type CudaTarget, startsEarly } from '../../target.js';
import { type Printable, render } from '../../template.js';
import { bodyRanges, foldText, plus, tilePlace } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { gradientFacts, gradientTitle } from '../gradient_facts.js';
import { gradientText } from '../gradient_text.js';
import { LANES } from '../lane_text.js';
import { type DirectGradPlan, rowFloats, type WalkedBody, type WalkedPart } from './plan.js';

/** Fills templates/cuda/direct_grad.cu.hbs. */
export function emitDirectGrad(plan: DirectGradPlan, target: CudaTarget, symbol: string): Emission {
  const { problem, params, gradients, bodies, chunks, threads, blocks, slots } = plan;
  const { ofInput, ofWeights } = gradients;
  const values = chunks.length * rowFloats(plan);
  const { firsts, ...tables } = tablesOf(plan);
  const early = ofWeights && startsEarly(target.arch);
  const data = { symbol, early, ...sizes(plan), ...tables, ...code(plan, firsts) };
  return {
    text: render('cuda/direct_grad.cu.hbs', data),
    facts: gradientFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: chunks.length * blocks,
      images: params.images,
      sharedBytes: 0,
      packedFloats: ofInput ? slots * problem.channels : 0,
      ...(ofWeights && { partial: summedRows({ values, rows: blocks, early }) }),
    },
  };
}

function sizes(plan: DirectGradPlan): Readonly<Record<string, Printable>> {
  const { problem, params, threads, blocks, chunks } = plan;
  const grad = gradSize(problem);
  return {
    ...LANES[params.vector]!,
    channels: problem.channels,
    kernel: weightsOf(problem),
    height: problem.height,
    width: problem.width,
    stride: problem.stride,
    gradHeight: grad.height,
    gradWidth: grad.width,
    ...params,
    threads,
    blocks,
    chunkCount: chunks.length,
    row: rowFloats(plan),
  };
}

/** What the kernel finds out by chunk or body. */
function tablesOf({ bodies, chunks }: DirectGradPlan) {
  const chunkRanges = chunks.map(({ body, from, to }) => ({ from, to, body: bodies.indexOf(body) }));
  const { firsts, ...fold } = foldText(bodies, chunkRanges);
  const ranges = bodyRanges(chunkRanges);
  const runs = ranges.map((range) => {
    const own = chunkRanges.filter(({ from, to }) => from >= range.from && to <= range.to);
    const run = chunkRanges.indexOf(own[0]!);
    return { ...range, run, count: own.length, end: run + own.length };
  });
  return {
    ...fold,
    firsts,
    ranges: ranges.map((range) => ({ ...range })),
    runs,
    pieces: bodies.map(({ pieces }) => pieces),
  };
}

function code(plan: DirectGradPlan, firsts: readonly string[]): Readonly<Record<string, Printable>> {
  const { params, gradients, bodies } = plan;
  const { ofInput, ofWeights } = gradients;
  const weightsShared = ofInput && params.shared === 1;
  // A part's weights and sums.
  const passed = [...(ofInput ? ['w'] : []), ...(ofWeights ? ['d'] : [])];
  const parameters = [
    ...(ofInput ? [weightsShared ? 'const Lane* weights' : 'const Lane (&w)[BIAS]'] : []),
    ...(ofWeights ? ['Lane (&d)[BIAS + 1]'] : []),
  ];
  return {
    ...gradients,
    weightsShared,
    usesShared: ofWeights || weightsShared,
    directionsSlowest: params.order === 1,
    bodies: bodies.map((body, i) => ({
      id: body.id,
      taps: body.taps.taps.length,
      first: firsts[i]!,
      arguments: passed.map((name) => (name === 'w' && weightsShared ? 'weights' : name)).join(', '),
      parts: body.parts.map((part, n) => ({
        name: `${body.id}_${n}`,
        parameters: parameters.join(', '),
        taps: body.taps.taps.length,
        ...partData(plan, body, part),
      })),
    })),
  };
}

function partData(
  { gradients, params }: DirectGradPlan,
  body: WalkedBody,
  part: WalkedPart,
): Readonly<Record<string, Printable>> {
  const { program, along, across, walks, row, column } = part;
  const own = ({ y, x }: { readonly y: number; readonly x: number }) => offset(y, x, 'WIDTH', 'STRIDE');
  return {
    title: gradientTitle(body, part),
    tilesAlong: along,
    tilesAcross: across,
    walks,
    weighs: gradients.ofInput && params.shared === 1 && program.loads.length > 0,
    meets: program.loads.length > 0,
    reads: gradients.ofWeights && program.loads.length > 0,
    ...tilePlace(program, 'along', 'across'),
    ownRow: plus('y * STRIDE', row),
    ownColumn: plus('x * STRIDE', column),
    ...gradientText(part, body.centre, gradients, {
      type: 'Lane',
      zero: 'zero()',
      input: (output) => `load_once(in + ${own(output)})`,
      grad: ({ dy, dx }) => `load(around + ${offset(dy, dx, 'GRAD_WIDTH')})`,
      store: (output, sum) => `out[${own(output)}] = ${sum};`,
    }),
  };
}

/** `(3 * WIDTH + 2) * PITCH`, `(-3 * STRIDE * WIDTH + 2 * STRIDE) * PITCH`. */
function offset(y: number, x: number, width: string, stride?: string): string {
  const by = stride === undefined ? '' : ` * ${stride}`;
  return `(${y}${by} * ${width} + ${x}${by}) * PITCH`;
}
