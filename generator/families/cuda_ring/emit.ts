import { type Printable, render } from '../../template.js';
import { bodyFacts, bodyTitle } from '../body_text.js';
import { lineForm } from '../box_text.js';
import { boxTileText } from '../box_tile_text.js';
import type { Body } from '../chunk.js';
import { bodyRanges, foldText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { slabs } from '../ring.js';
import { CHOICE, ringMap, ringSizes, ringTasks } from '../ring_text.js';
import { type RingPlan, ringShared } from './plan.js';

/** Fills templates/cuda/ring.cu.hbs. */
export function emitRing(plan: RingPlan, symbol: string): Emission {
  const { problem, params, bodies, threads } = plan;
  const { channels } = problem;
  const { firsts, ...fold } = foldText(
    bodies.map(({ program }) => program),
    plan.ranges,
  );
  const data = {
    symbol,
    ...ringSizes(plan),
    ...fold,
    ranges: bodyRanges(plan.ranges).map((range) => ({ ...range })),
    directionsSlowest: false,
    produced: true,
    inputAhead: false,
    bodies: bodies.map((body, i) => ({ first: firsts[i]!, ...bodyData(plan, body) })),
  };
  return {
    text: render('cuda/ring.cu.hbs', data),
    facts: bodyFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: slabs(plan),
      images: params.images,
      sharedBytes: ringShared(plan),
      packedFloats: (fold.biasRow + 1) * channels,
      inputMap: ringMap(plan),
    },
  };
}

function bodyData(plan: RingPlan, body: Body): Readonly<Record<string, Printable>> {
  const { id, program, along } = body;
  const form = lineForm(program, along, CHOICE);
  return {
    id,
    title: bodyTitle(body),
    ...ringTasks(plan, body, form, 'place.line'),
    tile: boxTileText(form, along === 1 ? 0 : undefined),
  };
}
