import { NORM_EPSILON, type Operation } from '../../generator/operations/operation.js';
import { problem } from '../../generator/problem.js';
import type { Plan } from '../../runtime/plan/plan.js';
import type { OperationStep, PlanBuffer } from '../../runtime/plan/step.js';
import { gelu } from './erf.js';
import { formula } from './formula.js';
import { transposed } from './small_networks.js';

/**
 * Runs a plan in float64, each step by its definition alone, in an arena of the plan's own layout: what is lost there is lost
 * here. Parameters are float32, as a device gets them.
 */
export async function runReference(plan: Plan, images: Float32Array): Promise<Map<string, Float64Array>> {
  const arena = new Float64Array(plan.arena.elements).fill(Number.NaN);
  const view = (buffer: PlanBuffer) => {
    const begin = plan.arena.offsets.get(buffer)!;
    return arena.subarray(begin, begin + buffer.elements);
  };
  view(plan.images).set(images);
  for (const step of plan.steps) {
    const [weight, bias] = [await step.weight?.read(), await step.bias?.read()];
    const input = view(step.input).slice();
    const made =
      step.kind === 'convolution'
        ? formula(step.problem, { input, weight: weight!, bias: bias!, resid: step.resid })
        : operationFormula(step, input, step.residual && view(step.residual).slice(), weight, bias);
    view(step.output).set(made);
  }
  return new Map(plan.outputs.map(({ name, buffer }) => [name, view(buffer).slice()]));
}

/** An operation by its definition: planes are brought to rows, and back. `x` and `residual` are left as they are. */
export function operationFormula(
  step: Pick<OperationStep, 'operation' | 'count'>,
  x: Float64Array,
  residual: Float64Array | null,
  weight?: Float32Array,
  bias?: Float32Array,
): Float64Array {
  const { operation: op } = step;
  if ((op.kind !== 'norm' && op.kind !== 'product') || !op.planes)
    return rowsFormula(step, x, residual, weight, bias);
  const { pixels, of } = op.planes;
  const channels = op.kind === 'norm' ? op.channels : op.outer;
  const rows = (planes: Float64Array) => transposed(planes, channels, pixels);
  const made = rowsFormula(step, of === 'input' ? rows(x) : x, residual && rows(residual), weight, bias);
  return of === 'output' ? transposed(made, pixels, channels) : made;
}

function rowsFormula(
  { operation: op, count }: Pick<OperationStep, 'operation' | 'count'>,
  x: Float64Array,
  residual: Float64Array | null,
  weight?: Float32Array,
  bias?: Float32Array,
): Float64Array {
  switch (op.kind) {
    case 'norm':
      return normalized(x, op.channels).map((value, i) => {
        const channel = i % op.channels;
        const y = op.affine ? value * weight![channel]! + bias![channel]! : value;
        return op.gelu ? gelu(y, op.gelu) : y;
      });
    case 'gelu':
      return x.map((value) => gelu(value, op.form));
    case 'patches':
      return patches(op, count, op.normalize ? normalized(x, op.channels) : x);
    case 'stem':
      return stem(op, count, x, weight!, bias!);
    case 'pool':
      return pool(op, count, x);
    case 'product':
      return product(op, count, op.normalize ? normalized(x, op.inner) : x, weight!, bias!).map((y, i) =>
        op.gelu ? gelu(y, op.gelu) : y + (residual?.[i] ?? 0),
      );
    default:
      return op satisfies never;
  }
}

type Of<K extends Operation['kind']> = Extract<Operation, { readonly kind: K }>;

function normalized(x: Float64Array, channels: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += channels) {
    const values = x.subarray(row, row + channels);
    const mean = values.reduce((sum, value) => sum + value, 0) / channels;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / channels;
    for (let i = 0; i < channels; i++) y[row + i] = (values[i]! - mean) / Math.sqrt(variance + NORM_EPSILON);
  }
  return y;
}

function patches(op: Of<'patches'>, count: number, x: Float64Array): Float64Array {
  const { height, width, channels, side, layout } = op;
  const y: number[] = [];
  for (let n = 0; n < count; n++)
    for (let row = 0; row < Math.floor(height / side); row++)
      for (let column = 0; column < Math.floor(width / side); column++)
        for (let dy = 0; dy < side; dy++)
          for (let dx = 0; dx < side; dx++)
            for (let c = 0; c < channels; c++) {
              const [i, j] = [row * side + dy, column * side + dx];
              const nhwc = ((n * height + i) * width + j) * channels + c;
              y.push(x[layout === 'nhwc' ? nhwc : ((n * channels + c) * height + i) * width + j]!);
            }
  return Float64Array.from(y);
}

/** The map is made as a whole, then convolved. */
function stem(op: Of<'stem'>, count: number, x: Float64Array, weight: Float32Array, bias: Float32Array) {
  const { height, width, stride, channels, kernel, angles } = op;
  const row = (channel: number) => weight.filter((_, i) => i % channels === channel);
  const rows = Array.from({ length: channels }, (_, channel) => row(channel));
  return formula(problem({ height, width, stride, kernel, angles, channels, batch: count }), {
    input: expanded(op, count, x, rows, bias.subarray(channels)),
    weight: Float32Array.from(rows.flatMap((row) => [...row.subarray(0, kernel)])),
    bias: bias.subarray(0, channels),
    resid: false,
  });
}

/** [N,H,W,C] of planes. @param rows of each channel, whose last numbers are the planes' weights */
function expanded(
  { height, width, planes, channels, kernel }: Of<'stem'>,
  count: number,
  x: Float64Array,
  rows: readonly Float32Array[],
  bias: Float32Array,
): Float64Array {
  const pixels = height * width;
  return Float64Array.from({ length: count * pixels * channels }, (_, i) => {
    const channel = i % channels;
    const pixel = Math.floor(i / channels) % pixels;
    const image = Math.floor(i / channels / pixels);
    let sum = bias[channel]!;
    for (let plane = 0; plane < planes; plane++)
      sum += rows[channel]![kernel + plane]! * x[(image * planes + plane) * pixels + pixel]!;
    return sum;
  });
}

function pool({ pixels, channels }: Of<'pool'>, count: number, x: Float64Array): Float64Array {
  const y = new Float64Array(count * channels);
  for (let n = 0; n < count; n++)
    for (let pixel = 0; pixel < pixels; pixel++)
      for (let c = 0; c < channels; c++)
        y[n * channels + c]! += x[(n * pixels + pixel) * channels + c]! / pixels;
  return y;
}

function product(
  { inner, outer }: Of<'product'>,
  count: number,
  x: Float64Array,
  weight: Float32Array,
  bias: Float32Array,
) {
  const y = new Float64Array(count * outer);
  for (let row = 0; row < count; row++)
    for (let o = 0; o < outer; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < inner; i++) sum += weight[o * inner + i]! * x[row * inner + i]!;
      y[row * outer + o] = sum;
    }
  return y;
}
