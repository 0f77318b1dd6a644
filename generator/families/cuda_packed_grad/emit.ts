import { gradSize } from '../../gradient.js';
import { summedRows } from '../../launch.js';
import { weightsOf } from '../../problem.js';
import { type Printable, render } from '../../template.js';
import { bodyRanges, commonTests, foldText, plus, tilePlace } from '../cuda_text.js';
import type { Emission } from '../family.js';
import type { TiledPart } from '../gradient_chunk.js';
import { gradientFacts, gradientTitle } from '../gradient_facts.js';
import { gradientText } from '../gradient_text.js';
import { uniformAxis } from '../guarded_text.js';
import { gradientRowText } from '../row_text.js';
import { hasSeats } from '../seat.js';
import { isWholeRow } from '../whole_row.js';
import { type BandGradient, type PackedGradPlan, packedGradShared, rowFloats, slotsOf } from './plan.js';

/**
 * Planes a step from which on its copies have text of their own: with eight, at 14x14, most directions took 1 to 8 % less
 * time, 0 and 90 degrees 2 % more of wgrad; with four or two, at 28x28, up to 14 % more.
 */
const MANY_PLANES = 8;

/** Fills templates/cuda/packed_grad.cu.hbs. */
export function emitPackedGrad(plan: PackedGradPlan, symbol: string): Emission {
  const { problem, params, gradients, bodies } = plan;
  const { channels } = problem;
  const { ofInput, ofWeights } = gradients;
  return {
    text: render('cuda/packed_grad.cu.hbs', { symbol, ...sizes(plan), ...code(plan) }),
    facts: gradientFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads: params.threads,
      blocks: channels,
      images: params.images,
      sharedBytes: packedGradShared(plan),
      packedFloats: ofInput ? channels * rowFloats(plan) : 0,
      ...(ofWeights && {
        partial: summedRows({ values: channels * slotsOf(plan), leastGroups: 2, early: false }),
      }),
    },
  };
}

function sizes(plan: PackedGradPlan): Readonly<Record<string, Printable>> {
  const { problem, params, rows, bands } = plan;
  const grad = gradSize(problem);
  return {
    channels: problem.channels,
    kernel: weightsOf(problem),
    height: problem.height,
    width: problem.width,
    stride: problem.stride,
    gradHeight: grad.height,
    gradWidth: grad.width,
    threads: params.threads,
    images: params.images,
    planes: params.planes,
    resident: params.resident,
    row: rowFloats(plan),
    slots: slotsOf(plan),
    depth: params.depth,
    pixelFloats: plan.pixelFloats,
    bufferFloats: plan.pixelFloats + plan.gradFloats,
    band: rows,
    bands,
  };
}

function code(plan: PackedGradPlan): Readonly<Record<string, Printable>> {
  const { params, gradients, bodies, ranges } = plan;
  const { firsts, ...fold } = foldText(bodies, ranges);
  const { ofInput, ofWeights } = gradients;
  return {
    ...gradients,
    ofBoth: ofInput && ofWeights,
    byRows: bodies.some(({ parts }) => parts.some(({ program }) => isWholeRow(program))),
    wholeSteps: params.planes >= MANY_PLANES,
    directionsSlowest: params.order === 1,
    early: false,
    ...fold,
    ranges: bodyRanges(ranges).map((range) => ({ ...range })),
    stepPartial: params.band === 0 ? 'cuda/packed_grad_planes' : 'cuda/packed_grad_bands',
    aboves: bodies.map(({ above }) => above).join(', '),
    belows: bodies.map(({ below }) => below).join(', '),
    // A part's weights and their sums.
    arguments: `${ofInput ? 'w, ' : ''}${ofWeights ? 'd, ' : ''}`,
    halvings: halvings(slotsOf(plan)),
    bodies: bodies.map((body, i) => ({
      id: body.id,
      first: firsts[i]!,
      parts: body.parts.map((part, n) => partData(plan, body, part, n)),
    })),
  };
}

/** The steps that add `slots` values of each lane over a warp, each with half as many as the one before. */
function halvings(slots: number): readonly Printable[] {
  return Array.from({ length: Math.log2(slots) }, (_, step) => slots / 2 ** (step + 1)).map((half) => ({
    half,
    pairs: Array.from({ length: half }, (_, low) => ({ low, high: low + half })),
  }));
}

function partData(
  { params, gradients }: PackedGradPlan,
  body: BandGradient,
  part: TiledPart,
  n: number,
): Printable {
  const { program, along, across, row, column } = part;
  const shallow = program.tile.major === 'x';
  const banded = params.band !== 0;
  const { ofInput, ofWeights } = gradients;
  return {
    name: `${body.id}_${n}`,
    parameters: `${ofInput ? 'const float (&w)[ROW], ' : ''}${ofWeights ? 'float (&d)[SLOTS], ' : ''}`,
    title: gradientTitle(body, part),
    tilesAlong: along,
    tilesAcross: across,
    shallow,
    seated: hasSeats(program, { ...params, along, across }),
    ...tilePlace(program, 'along', 'across'),
    ownRow: plus('y * STRIDE', row),
    ownColumn: plus('x * STRIDE', column),
    gradRow: banded ? '(y + step.above)' : 'y',
    wholeRows: isWholeRow(program),
    ...(isWholeRow(program) ? gradientRowText : gradientText)(part, body.centre, gradients, {
      type: 'float',
      zero: '0.0f',
      input: ({ y, x }) => `own[${at(y, 'STRIDE * WIDTH', x, 'STRIDE')}]`,
      grad: ({ dy, dx }) => `around[${at(dy, 'GRAD_WIDTH', dx)}]`,
      store: ({ y, x }, sum) => `own[${at(y, 'STRIDE * WIDTH', x, 'STRIDE')}] = ${sum};`,
      gradTests: (load) => commonTests(program, load, banded ? 'y + step.above' : undefined),
      overlapping: banded,
      uniform: uniformAxis(program, banded),
    }),
  };
}

/** `-3 * WIDTH + 2`, `2 * WIDTH - 3 * STRIDE`, `2`. */
function at(rows: number, row: string, columns: number, column = ''): string {
  const of = column && columns !== 0 ? ` * ${column}` : '';
  const plain = `${columns}${of}`;
  if (rows === 0) return plain;
  return columns === 0
    ? `${rows} * ${row}`
    : `${rows} * ${row} ${columns < 0 ? '-' : '+'} ${Math.abs(columns)}${of}`;
}
