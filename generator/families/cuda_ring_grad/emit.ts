import { reductionOf } from '../../launch.js';
import type { Load } from '../../program.js';
import { type Printable, render } from '../../template.js';
import { chunked } from '../../text.js';
import {
  groupTexts,
  type LineForm,
  lineForm,
  shearTests,
  skippedTexts,
  tileOf,
  tilePixels,
} from '../box_text.js';
import { bodyRanges, foldText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import { gradientFacts, gradientTitle } from '../gradient_facts.js';
import { usesText } from '../gradient_text.js';
import { LANES } from '../lane_text.js';
import { slabs } from '../ring.js';
import { isPartlyInner } from '../ring_inner.js';
import { CHOICE, innerTest, ringMap, ringSizes, ringTasks } from '../ring_text.js';
import { bringsInput, type RingBody, type RingGradPlan, ringGradShared, STRAIGHT } from './plan.js';

const PER_LINE = 4;

/** Fills templates/cuda/ring_grad.cu.hbs. */
export function emitRingGrad(plan: RingGradPlan, symbol: string): Emission {
  const { problem, params, gradients, bodies, threads, slots } = plan;
  const { channels } = problem;
  return {
    text: render('cuda/ring_grad.cu.hbs', { symbol, ...ringSizes(plan), ...code(plan) }),
    facts: gradientFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: slabs(plan),
      images: params.images,
      sharedBytes: ringGradShared(plan),
      packedFloats: gradients.ofInput ? slots * channels : 0,
      partial: {
        fixedFloats: 0,
        floatsPerGroup: slots * channels,
        reduction: reductionOf(slots * channels, 1, true),
      },
      ...(bringsInput(plan) && { inputMap: ringMap(plan) }),
      gradMap: ringMap(plan),
    },
  };
}

function code(plan: RingGradPlan): Readonly<Record<string, Printable>> {
  const { params, gradients, bodies, ranges } = plan;
  const { firsts, ...fold } = foldText(bodies, ranges);
  const { ofInput } = gradients;
  const weightsShared = ofInput && params.shared === 1;
  const weightsHeld = ofInput && !weightsShared;
  const weights = weightsShared ? 'const float* weights, ' : 'const float (&w)[BIAS], ';
  return {
    ...gradients,
    ...fold,
    ...LANES[1]!,
    ranges: bodyRanges(ranges).map((range) => ({ ...range })),
    weightsShared,
    weightsAhead: weightsShared && !readsByLine(plan),
    weightsHeld,
    ahead: params.ahead === 1,
    skips: params.skip > 0,
    groupLines: params.skip > 0 || params.inner > 0,
    apart: params.inner > 0,
    directionsSlowest: params.order === 1,
    early: true,
    produced: params.producer === 1,
    inputAhead: bringsInput(plan),
    parameters: ofInput ? weights : '',
    arguments: weightsShared ? 'weights, ' : weightsHeld ? 'w, ' : '',
    bodies: bodies.map((body, i) => ({ id: body.id, first: firsts[i]!, ...bodyData(plan, body) })),
  };
}

function bodyData(plan: RingGradPlan, body: RingBody): Readonly<Record<string, Printable>> {
  const { gradients } = plan;
  const { part } = body;
  const { program } = part;
  const form = lineForm(program, part.along, CHOICE);
  const pixels = tilePixels(form);
  const outputs = pixels.map(({ output }) => output);
  return {
    title: gradientTitle(body, part),
    taps: body.taps.taps.length,
    ...ringTasks(plan, part, form, 'place.team'),
    apart: plan.params.inner > 0 && isPartlyInner(plan, part),
    innerTest: innerTest(plan, part, form),
    tests: shearTests(form, pixels).map((test) => ({ ...test })),
    fetches: pixels.map(
      ({ output, offset, test }) => `n[${output}] = ${test} ? load_once(in + ${offset}) : 0.0f;`,
    ),
    pixels: list(outputs.map((output) => `x${output} = n[${output}]`)),
    sums: list(
      gradients.ofInput ? outputs.map((output) => `a${output}${beginsByProduct(plan) ? '' : ' = 0.0f'}`) : [],
    ),
    loads: loadTexts(plan, body, form),
    // Nobody reads dx soon, and x that was brought near should stay.
    puts: gradients.ofInput
      ? pixels.map(({ output, offset, test }) => `if (${test}) __stcs(out + ${offset}, a${output});`)
      : [],
  };
}

/** Whether weights that shared memory holds are read in front of each line's loads, and not of all. */
function readsByLine({ params, gradients }: RingGradPlan): boolean {
  return gradients.ofInput && params.shared === 1 && params.skip === STRAIGHT;
}

/**
 * Whether sums of dx begin as products with the tile's own dy, which is always there: with that of a tile's own pixel each does.
 * Elsewhere they begin as zeros, since a branch may leave any load out.
 */
function beginsByProduct({ params, gradients }: RingGradPlan): boolean {
  return gradients.ofInput && params.skip === 0;
}

/** A tile's loads with what they are for. */
function loadTexts(plan: RingGradPlan, { part, taps, centre }: RingBody, form: LineForm) {
  const { params, gradients } = plan;
  const { slots } = part;
  const begun = new Set<number>();
  const ofInput = (load: Load) =>
    load.uses.map(({ output, tap }) => {
      const begins = beginsByProduct(plan) && tileOf(form, load) === 0 && !begun.has(output);
      if (begins) begun.add(output);
      return begins ? `a${output} = v * w[${slots[tap]!}];` : `mad(a${output}, v, w[${slots[tap]!}]);`;
    });
  const ofWeights = { ofInput: false, ofWeights: gradients.ofWeights };
  // Those of dx first: neighbours have `v` as the same operand, which they then read from the register file but once.
  const uses = (load: Load) =>
    chunked(
      [
        ...(gradients.ofInput ? ofInput(load) : []),
        ...usesText(load, slots, centre, ofWeights, () => 'add(d[BIAS], v);'),
      ],
      PER_LINE,
      ' ',
    );
  if (params.skip === 0) return ownFirst(groupTexts(form, uses));
  if (!readsByLine(plan)) return skippedTexts(form, uses);
  // A line has taps of its own, so that few weights are held at a time.
  return skippedTexts(form, uses, (loads) => {
    const used = new Set(loads.flatMap((load) => load.uses.map(({ tap }) => slots[tap]!)));
    const reads = [...used].sort((a, b) => a - b).map((slot) => `w[${slot}] = weights[${slot} * SLAB];`);
    return [`float w[${taps.taps.length}];`, ...chunked(reads, PER_LINE, ' ')];
  });
}

/** Groups of loads, those in front that are always there. */
function ownFirst<T extends { readonly test: string }>(groups: readonly T[]): readonly T[] {
  return [...groups.filter(({ test }) => test === ''), ...groups.filter(({ test }) => test !== '')];
}

function list(values: readonly string[]): readonly string[] {
  return chunked(values, PER_LINE, ', ').map((some) => `float ${some};`);
}
