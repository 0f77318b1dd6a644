import { outputSize, weightsOf } from '../../problem.js';
import { type Printable, render } from '../../template.js';
import { bodyFacts, bodyTitle } from '../body_text.js';
import type { Body } from '../chunk.js';
import { foldText, tilePlace, tileText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { BULK, type LanesPlan } from './plan.js';

/** Fills templates/cuda/lanes.cu.hbs. */
export function emitLanes(plan: LanesPlan, symbol: string): Emission {
  const { problem, params, bodies, chunks, threads, planeBytes } = plan;
  const out = outputSize(problem);
  const { firsts, ...fold } = foldText(
    bodies.map(({ program }) => program),
    chunks.map(({ body, from, to }) => ({ from, to, body: bodies.indexOf(body) })),
  );
  const data = {
    symbol,
    channels: problem.channels,
    kernel: weightsOf(problem),
    height: problem.height,
    width: problem.width,
    stride: problem.stride,
    outHeight: out.height,
    outWidth: out.width,
    lanes: params.lanes,
    images: params.images,
    resident: params.resident,
    copyPartial: params.copy === BULK ? 'cuda/lanes_bulk' : 'cuda/lanes_units',
    copyBytes: params.copy,
    unit: params.copy === 4 ? 'float' : 'float4',
    pitch: plan.pitch,
    outPitch: plan.outPitch,
    threads,
    ...fold,
    chunkCount: chunks.length,
    bodies: bodies.map((body, i) => bodyData(body, firsts[i]!)),
  };
  return {
    text: render('cuda/lanes.cu.hbs', data),
    facts: bodyFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: chunks.length,
      images: params.images,
      sharedBytes: planeBytes,
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
    along,
    across,
    taps: taps.taps.length,
    ...tilePlace(program, 'tile % ALONG', 'tile / ALONG'),
    first,
    ...tileText(program, {
      type: 'float',
      zero: '0.0f',
      load: ({ dy, dx }) => `in[${dy} * WIDTH + ${dx}]`,
      multiplyAdd: ({ output, tap }) => `mad(a${output}, v, w[${tap}]);`,
      store: ({ y, x }, sum) => `out[${y} * OUT_WIDTH + ${x}] = ${sum};`,
    }),
  };
}
