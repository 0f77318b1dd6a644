import { isInPlace, planesOf } from '../../generator/operations/operation.js';
import { inputElements, outputElements, weightsOf } from '../../generator/problem.js';
import { PlanError } from './errors.js';
import { extentsOf } from './extents.js';
import { layoutsOf } from './layouts.js';
import { type Lifetime, lifetimes, liveTogether, readBy } from './lifetimes.js';
import { pixelsOf } from './map.js';
import { ARENA_ALIGNMENT, type Plan } from './plan.js';
import type { Constant, ConvolutionStep, OperationStep, PlanBuffer, Step } from './step.js';

/**
 * A plan that can be run: shapes and layouts fit together, nothing is read before it is written or written for nobody, a step writes
 * where it reads only if its operation allows that, and no two buffers overlap while both are needed.
 * @returns the plan
 * @throws PlanError if any of it does not hold
 */
export function requireSound(plan: Plan): Plan {
  const names = new Set<string>();
  for (const step of plan.steps) {
    ensure(!names.has(step.name), step.name, 'two steps have one name');
    names.add(step.name);
    if (step.kind === 'convolution') requireConvolution(step, plan.batch);
    else requireOperation(step, plan.batch);
    requireApart(step);
  }
  requireOrder(plan);
  for (const output of plan.outputs) {
    ensure(output.buffer.layout === 'nhwc', output.name, 'an output is [N,H,W,C]');
    ensure(
      output.buffer.elements === plan.batch * pixelsOf(output) * output.channels,
      output.name,
      'an output has another size than it says',
    );
  }
  requireArena(plan);
  return plan;
}

function requireConvolution(
  { name, problem, input, output, weight, bias }: ConvolutionStep,
  batch: number,
): void {
  const { op, layout, dtype, channels } = problem;
  ensure(op === 'fprop' && dtype === 'f32', name, 'a convolution is fprop, in float32');
  ensure(
    input.layout === layout && output.layout === layout,
    name,
    'a convolution reads and writes maps in its layout',
  );
  ensure(problem.batch === batch, name, "a convolution has the plan's batch");
  ensure(input.elements === inputElements(problem), name, 'the input has another size than the problem');
  ensure(output.elements === outputElements(problem), name, 'the output has another size than the problem');
  requireConstant(name, weight, [channels, weightsOf(problem)]);
  requireConstant(name, bias, [channels]);
}

function requireOperation({ name, operation: op, count, ...arrays }: OperationStep, batch: number): void {
  const { input, output, weight, bias } = extentsOf(op);
  const layouts = layoutsOf(op);
  for (const array of ['input', 'residual', 'output'] as const)
    ensure(
      (arrays[array]?.layout ?? layouts[array]) === layouts[array],
      name,
      `the ${array} has another layout than the operation`,
    );
  ensure(Number.isSafeInteger(count) && count >= 1, name, 'an operation takes at least one row or image');
  ensure(arrays.input.elements === count * input, name, 'the input has another size than the operation');
  ensure(arrays.output.elements === count * output, name, 'the output has another size than the operation');
  requireConstant(name, arrays.weight, weight);
  requireConstant(name, arrays.bias, bias);
  const residual = op.kind === 'product' && op.residual;
  ensure(residual === (arrays.residual !== null), name, 'a residual is there if the operation says so');
  ensure(
    arrays.residual === null || arrays.residual.elements === count * output,
    name,
    'the residual has another size than the output',
  );
  const planes = planesOf(op);
  if (planes)
    ensure(count === batch * planes.pixels, name, 'planes have as many pixels as there are rows of an image');
  if (op.kind === 'product')
    ensure(op.gelu === null || !op.residual, name, 'a product has GELU or a residual, not both');
  if (op.kind === 'patches')
    ensure(op.layout === 'nhwc' || !op.normalize, name, 'only pixels of maps are normalized');
  if (op.kind === 'patches' || op.kind === 'stem' || op.kind === 'pool')
    ensure(count === batch, name, "an operation on images takes the plan's batch");
}

function requireConstant(name: string, constant: Constant | null, shape: readonly number[] | null): void {
  ensure(
    String(constant?.shape) === String(shape ?? undefined),
    name,
    'a parameter has another shape than its step',
  );
}

/** Only gelu, and norm where the layout stays, write where they read; a product may write to its residual, never to its input. */
function requireApart(step: Step): void {
  const inPlace = step.kind === 'operation' && isInPlace(step.operation);
  ensure(inPlace || step.output !== step.input, step.name, 'a step writes where it reads');
  if (step.kind === 'operation') ensure(step.residual !== step.input, step.name, 'the residual is the input');
}

/** Everything is written before it is read, and what is written is read later or is an output. */
function requireOrder({ images, steps, outputs }: Plan): void {
  const written = new Set<PlanBuffer>([images]);
  const unread = new Map<PlanBuffer, string>([[images, 'images']]);
  for (const step of steps) {
    for (const buffer of readBy(step)) {
      ensure(written.has(buffer), step.name, `${buffer.name} is read before it is written`);
      unread.delete(buffer);
    }
    ensure(!unread.has(step.output), step.name, `${step.output.name} is written over before it is read`);
    written.add(step.output);
    unread.set(step.output, step.name);
  }
  for (const { name, buffer } of outputs) {
    ensure(written.has(buffer), name, 'an output is never written');
    unread.delete(buffer);
  }
  for (const [buffer, name] of unread) ensure(false, name, `${buffer.name} is written for nobody`);
}

function requireArena({ arena, ...plan }: Plan): void {
  const places = lifetimes(plan).map((life) => ({
    life,
    begin: arena.offsets.get(life.buffer) ?? Number.NaN,
  }));
  const endOf = ({ life, begin }: { life: Lifetime; begin: number }) => begin + life.buffer.elements;
  for (const place of places) {
    const { name } = place.life.buffer;
    ensure(place.begin % ARENA_ALIGNMENT === 0, name, `a buffer begins at a multiple of ${ARENA_ALIGNMENT}`);
    ensure(place.begin >= 0 && endOf(place) <= arena.elements, name, 'a buffer lies in the arena');
  }
  places.forEach((one, i) => {
    for (const other of places.slice(0, i))
      if (one.begin < endOf(other) && other.begin < endOf(one))
        ensure(
          !liveTogether(one.life, other.life),
          one.life.buffer.name,
          `it lies over ${other.life.buffer.name} while both are needed`,
        );
  });
}

function ensure(holds: boolean, value: string, rule: string): asserts holds {
  if (holds) return;
  throw new PlanError({
    code: 'plan',
    value,
    rule,
    remedy: 'this is a defect of the plan: please report it',
  });
}
