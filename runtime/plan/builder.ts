import type { Operation } from '../../generator/operations/operation.js';
import { type Layout, outputSize, type Problem } from '../../generator/problem.js';
import { planArena } from './arena.js';
import { requireSound } from './check.js';
import { extentsOf } from './extents.js';
import { lifetimes } from './lifetimes.js';
import { type PlanMap, pixelsOf } from './map.js';
import type { Plan } from './plan.js';
import type { Constant, PlanBuffer, Step } from './step.js';

/** Weight and bias of a layer, or scale and shift of a norm. */
export interface Parameters {
  readonly weight: Constant;
  readonly bias: Constant;
}

/** A convolution as a network has it. */
export interface Layer {
  readonly problem: Problem;
  readonly parameters: Parameters;
  /** Whether 1 is added to the centre tap. */
  readonly resid: boolean;
}

/** What an operation takes beside its input. */
export interface Given {
  readonly parameters?: Parameters | undefined;
  readonly residual?: PlanMap | undefined;
}

export interface MapShape extends Omit<PlanMap, 'buffer'> {
  /** [N,H,W,C] unless given. */
  readonly layout?: Layout;
}

/**
 * Writes a plan down step by step: a method adds one, and gives the map that it writes. Names are those of the layers in
 * checkpoints.
 */
export interface PlanBuilder {
  readonly kind: 'plan-builder';
  /** [N,3,H,W]. */
  readonly images: PlanMap;
  convolution(name: string, input: PlanMap, layer: Layer): PlanMap;
  /** @param output the shape of the map that it writes, or a map that is there already */
  operation(name: string, op: Operation, input: PlanMap, output: MapShape | PlanMap, given?: Given): PlanMap;
  /** @throws PlanError if it does not hold together */
  finish(outputs: Readonly<Record<string, PlanMap>>): Plan;
}

export interface PlanSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** @param size of the images [N,3,H,W] */
export function planBuilder({ batch, height, width }: PlanSize): PlanBuilder {
  const images = mapOf('images', batch, { height, width, channels: 3, layout: 'nchw' });
  const steps: Step[] = [];
  const add = (step: Step) => steps.push(Object.freeze(step));
  return Object.freeze<PlanBuilder>({
    kind: 'plan-builder',
    images,
    convolution(name, input, { problem, parameters, resid }) {
      const { channels, layout } = problem;
      const output = mapOf(name, batch, { ...outputSize(problem), channels, layout });
      const arrays = { input: input.buffer, output: output.buffer, ...parameters };
      add({ kind: 'convolution', name, problem, ...arrays, resid });
      return output;
    },
    operation(name, op, input, given, { parameters, residual } = {}) {
      const output = 'buffer' in given ? given : mapOf(name, batch, given);
      add({
        kind: 'operation',
        name,
        operation: Object.freeze(op),
        count: input.buffer.elements / extentsOf(op).input,
        input: input.buffer,
        output: output.buffer,
        residual: residual?.buffer ?? null,
        weight: parameters?.weight ?? null,
        bias: parameters?.bias ?? null,
      });
      return output;
    },
    finish: (outputs) => finished({ batch, height, width, images: images.buffer, steps }, outputs),
  });
}

/** Gives every buffer its place. */
function finished(
  { steps, ...given }: Pick<Plan, 'batch' | 'height' | 'width' | 'images' | 'steps'>,
  outputs: Readonly<Record<string, PlanMap>>,
): Plan {
  const plan = {
    kind: 'plan',
    ...given,
    steps: Object.freeze([...steps]),
    outputs: Object.freeze(Object.entries(outputs).map(([name, map]) => Object.freeze({ name, ...map }))),
  } as const;
  return requireSound(Object.freeze<Plan>({ ...plan, arena: planArena(lifetimes(plan)) }));
}

function mapOf(name: string, batch: number, { layout = 'nhwc', ...size }: MapShape): PlanMap {
  const elements = batch * pixelsOf(size) * size.channels;
  const buffer = Object.freeze<PlanBuffer>({ kind: 'plan-buffer', name, elements, layout });
  return Object.freeze({ buffer, ...size });
}
