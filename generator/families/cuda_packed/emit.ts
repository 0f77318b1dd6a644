import { outputSize, weightsOf } from '../../problem.js';
import type { Load, Use } from '../../program.js';
import { type Printable, render } from '../../template.js';
import type { Point } from '../../tile.js';
import { bodyFacts, bodyTitle } from '../body_text.js';
import { commonTests, foldText, plus, tilePlace, tileText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { uniformAxis } from '../guarded_text.js';
import { rowText } from '../row_text.js';
import { hasSeats } from '../seat.js';
import { isWholeRow } from '../whole_row.js';
import { type BandBody, type PackedPlan, rowFloats } from './plan.js';

/** Fills templates/cuda/packed.cu.hbs. */
export function emitPacked(plan: PackedPlan, symbol: string): Emission {
  const { problem, params, bodies, ranges, rows, bands } = plan;
  const out = outputSize(problem);
  const programs = bodies.map(({ program }) => program);
  const { firsts, ...fold } = foldText(programs, ranges);
  const banded = params.band !== 0;
  const data = {
    symbol,
    channels: problem.channels,
    kernel: weightsOf(problem),
    height: problem.height,
    width: problem.width,
    stride: problem.stride,
    outHeight: out.height,
    outWidth: out.width,
    threads: params.threads,
    images: params.images,
    planes: params.planes,
    resident: params.resident,
    row: rowFloats(plan),
    inputFloats: plan.inputFloats,
    ...fold,
    byRows: programs.some(isWholeRow),
    wholeSteps: params.planes > 1,
    stepPartial: banded ? 'cuda/packed_bands' : 'cuda/packed_planes',
    band: rows,
    bands,
    aboves: bodies.map(({ above }) => above).join(', '),
    belows: bodies.map(({ below }) => below).join(', '),
    bodies: bodies.map((body, i) => bodyData(plan, body, firsts[i]!)),
  };
  return {
    text: render('cuda/packed.cu.hbs', data),
    facts: bodyFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads: params.threads,
      blocks: problem.channels,
      images: params.images,
      sharedBytes: 4 * (plan.inputFloats + plan.outputFloats),
      packedFloats: problem.channels * rowFloats(plan),
    },
  };
}

function bodyData({ params }: PackedPlan, body: BandBody, first: string): Printable {
  const { id, program, along, across } = body;
  const banded = params.band !== 0;
  const shallow = program.tile.major === 'x';
  const forms = {
    type: 'float',
    zero: '0.0f',
    load: ({ dy, dx }: Load) => `in[${at(dy, 'WIDTH', dx)}]`,
    multiplyAdd: ({ output, tap }: Use, value: string) => `mad(a${output}, ${value}, w[${tap}]);`,
    store: (output: Point, sum: string) => `${place(output)} = ${sum};`,
    loadTests: (load: Load) => commonTests(program, load, banded ? 'row' : undefined),
    uniform: uniformAxis(program, banded),
  };
  return {
    id,
    title: bodyTitle(body),
    tilesAlong: along,
    tilesAcross: across,
    shallow,
    seated: hasSeats(program, { ...params, along, across }),
    ...tilePlace(program, 'along', 'across'),
    row: banded ? 'row' : 'y * STRIDE',
    banded,
    first,
    wholeRows: isWholeRow(program),
    ...(isWholeRow(program) ? rowText(program, forms, place) : tileText(program, forms)),
  };
}

function place({ y, x }: Point): string {
  return `out[${at(y, 'OUT_WIDTH', x)}]`;
}

/** `-3 * WIDTH + 2`, `-WIDTH`, `2`. */
function at(rows: number, width: string, columns: number): string {
  if (rows === 0) return `${columns}`;
  return plus(Math.abs(rows) === 1 ? `${rows < 0 ? '-' : ''}${width}` : `${rows} * ${width}`, columns);
}
