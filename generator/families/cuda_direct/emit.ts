import { outputSize, weightsOf } from '../../problem.js';
import { type Printable, render } from '../../template.js';
import { bodyFacts, bodyTitle } from '../body_text.js';
import type { Body } from '../chunk.js';
import { foldText, tilePlace, tileText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { LANES } from '../lane_text.js';
import { SECTOR } from '../multiprocessor.js';
import type { DirectPlan } from './plan.js';

/** Fills templates/cuda/direct.cu.hbs. */
export function emitDirect(plan: DirectPlan, symbol: string): Emission {
  const { problem, params, bodies, chunks, threads, blocks } = plan;
  const out = outputSize(problem);
  const { firsts, ...fold } = foldText(
    bodies.map(({ program }) => program),
    chunks.map(({ body, from, to }) => ({ from, to, body: bodies.indexOf(body) })),
  );
  const data = {
    symbol,
    ...LANES[params.vector]!,
    channels: problem.channels,
    kernel: weightsOf(problem),
    height: problem.height,
    width: problem.width,
    stride: problem.stride,
    outHeight: out.height,
    outWidth: out.width,
    ...params,
    ...fold,
    threads,
    blocks,
    chunkCount: chunks.length,
    splitsSectors: chunks.some(({ from }) => (4 * from) % SECTOR !== 0),
    bodies: bodies.map((body, i) => bodyData(body, firsts[i]!)),
  };
  return {
    text: render('cuda/direct.cu.hbs', data),
    facts: bodyFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: chunks.length * blocks,
      images: 1,
      sharedBytes: 0,
      packedFloats: (fold.biasRow + 1) * problem.channels,
    },
  };
}

function bodyData(body: Body, first: string): Printable {
  const { id, program, along, across } = body;
  const { taps } = program;
  return {
    id,
    title: bodyTitle(body),
    tilesAlong: along,
    tilesAcross: across,
    taps: taps.taps.length,
    ...tilePlace(program, 'along', 'across'),
    first,
    ...tileText(program, {
      type: 'Lane',
      zero: 'zero()',
      indent: 2,
      load: ({ dy, dx }) => `load_pixel(in + (${dy} * WIDTH + ${dx}) * PITCH)`,
      multiplyAdd: ({ output, tap }) => `mad(a${output}, v, w[${tap}]);`,
      store: ({ y, x }, sum) => `out[(${y} * OUT_WIDTH + ${x}) * PITCH] = ${sum};`,
    }),
  };
}
