import { summedRows } from '../../launch.js';
import { weightsOf } from '../../problem.js';
import type { CudaTarget } from '../../target.js';
import { type Printable, render } from '../../template.js';
import { groupTexts, lineForm } from '../box_text.js';
import { bodyRanges, foldText } from '../cuda_text.js';
import type { Emission } from '../family.js';
import type { LineBody } from '../gradient_chunk.js';
import { gradientFacts, gradientTitle } from '../gradient_facts.js';
import { beginnings, declared, ownFirst, tileUses } from '../gradient_tile_text.js';
import { ringTensor } from '../ring_turn.js';
import { BAND_LINES, type LineGradPlan, lineGradShared, SLAB, slabs, stageBytes, stagesOf } from './plan.js';

/** Fills templates/cuda/line_grad.cu.hbs. */
export function emitLineGrad(plan: LineGradPlan, target: CudaTarget, symbol: string): Emission {
  const { problem, params, gradients, bodies, slots, threads } = plan;
  const { channels } = problem;
  const map = ringTensor(problem, plan.turned, [SLAB, plan.pixels, 1]);
  return {
    text: render('cuda/line_grad.cu.hbs', {
      symbol,
      stages: stagesOf(plan, target),
      ...sizes(plan),
      ...code(plan),
    }),
    facts: gradientFacts(bodies),
    launch: {
      kind: 'launch-plan',
      threads,
      blocks: slabs(plan),
      images: params.images,
      sharedBytes: lineGradShared(plan, target),
      packedFloats: gradients.ofInput ? slots * channels : 0,
      partial: summedRows({ values: slots * channels, early: true }),
      inputMap: map,
      gradMap: map,
    },
  };
}

function sizes(plan: LineGradPlan): Readonly<Record<string, Printable>> {
  const { problem, turned, params, pixels, threads } = plan;
  const { channels, height, width } = problem;
  const { warps, images, lag } = params;
  return {
    channels,
    kernel: weightsOf(problem),
    turned,
    height,
    width,
    slab: SLAB,
    warps,
    images,
    lag,
    inStep: lag > 0,
    bandLines: BAND_LINES,
    pixels,
    lineBytes: stageBytes(plan) / 2,
    threads,
  };
}

function code(plan: LineGradPlan): Readonly<Record<string, Printable>> {
  const { gradients, bodies, ranges } = plan;
  const { firsts, ...fold } = foldText(bodies, ranges);
  const { ofInput } = gradients;
  return {
    ...gradients,
    ...fold,
    ranges: bodyRanges(ranges).map((range) => ({ ...range })),
    directionsSlowest: false,
    early: true,
    halves: false,
    produced: true,
    parameters: ofInput ? 'const float (&w)[BIAS], ' : '',
    arguments: ofInput ? 'w, ' : '',
    bodies: bodies.map((body, i) => ({ id: body.id, first: firsts[i]!, ...bodyData(plan, body) })),
  };
}

function bodyData(plan: LineGradPlan, body: LineBody): Readonly<Record<string, Printable>> {
  const { gradients } = plan;
  const { part } = body;
  const form = lineForm(part.program, part.along);
  const { outputs } = part.program.tile;
  const uses = tileUses(body, gradients, gradients.ofInput ? beginnings(form) : undefined);
  return {
    title: gradientTitle(body, part),
    tiles: part.along,
    length: outputs.length,
    pixels: declared(outputs.map(({ x }, output) => `x${output} = r_0[LINE + ${x} * COLUMN]`)),
    sums: declared(gradients.ofInput ? outputs.map((_, output) => `a${output}`) : []),
    // All loads are on the tile's own line, which it finds once.
    loads: ownFirst(groupTexts(form, uses)).map((group) => ({ ...group, lines: [] })),
    puts: gradients.ofInput ? puts(plan, part) : [],
  };
}

/** Nobody wants dx soon. The last tile of a line may stick out. */
function puts({ problem: { width } }: LineGradPlan, { along, program }: LineBody['part']): readonly string[] {
  const { outputs } = program.tile;
  const inLast = width - (along - 1) * outputs.length;
  return outputs.map(({ x }, output) => {
    const test = x < inLast ? '' : 'if (along < TILES - 1) ';
    return `${test}__stcs(out + ${x} * OUT_COLUMN, a${output});`;
  });
}
