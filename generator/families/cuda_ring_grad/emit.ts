import { summedRows } from '../../launch.js';
import { type Printable, render } from '../../template.js';
import { shearTests, tilePixels } from '../box_pixels.js';
import { lineForm } from '../box_text.js';
import { bodyRanges, foldText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import type { LineBody } from '../gradient_chunk.js';
import { gradientFacts, gradientTitle } from '../gradient_facts.js';
import { declared } from '../gradient_tile_text.js';
import { LANES } from '../lane_text.js';
import { linesOfWarp, slabs } from '../ring.js';
import { innerTest, isPartlyInner } from '../ring_inner.js';
import { CHOICE, ringMap, ringSizes, ringTasks } from '../ring_text.js';
import { bringsInput, type RingGradPlan, ringGradShared } from './plan.js';
import { beginsByProduct, loadTexts, readsByLine } from './tile_text.js';

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
      partial: summedRows({ values: slots * channels, early: true }),
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
    needsGroupLine: params.skip > 0 || params.inner > 0,
    directionsSlowest: params.order === 1,
    early: true,
    halves: linesOfWarp(params) === 2,
    produced: params.producer === 1,
    inputAhead: bringsInput(plan),
    parameters: ofInput ? weights : '',
    arguments: weightsShared ? 'weights, ' : weightsHeld ? 'w, ' : '',
    bodies: bodies.map((body, i) => ({ id: body.id, first: firsts[i]!, ...bodyData(plan, body) })),
  };
}

function bodyData(plan: RingGradPlan, body: LineBody): Readonly<Record<string, Printable>> {
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
    pixels: declared(outputs.map((output) => `x${output} = n[${output}]`)),
    sums: declared(
      gradients.ofInput ? outputs.map((output) => `a${output}${beginsByProduct(plan) ? '' : ' = 0.0f'}`) : [],
    ),
    loads: loadTexts(plan, body, form),
    // Nobody wants dx soon, and where blocks go in step nobody else needs its line: docs/gpu-backward.md, "Runs".
    puts: gradients.ofInput
      ? pixels.map(({ output, offset, test }) => `if (${test}) __stcs(out + ${offset}, a${output});`)
      : [],
  };
}
