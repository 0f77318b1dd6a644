import type { Variant } from '../../runtime/convnext/architecture.js';
import type { Fusion } from '../../runtime/plan/plan.js';
import type { NamedTensor } from '../../runtime/weights/checkpoint.js';
import { loadWeights } from '../../runtime/weights/load.js';
import { type FittedWeights, fitWeights } from '../../runtime/weights/model/fit_weights.js';
import { modelConfig } from '../../runtime/weights/model/model_config.js';
import { FIXTURES } from './weights.js';

/** The small network of a variant, by torch.save. */
export async function smallWeights(variant: Variant): Promise<FittedWeights> {
  const checkpoint = await loadWeights(`${FIXTURES}small_${variant}.pth`);
  return fitWeights(checkpoint, modelConfig(checkpoint));
}

/** What PyTorch computes with it for two images of 64x96: stages are [N,C,H,W]. */
export async function smallExpected(variant: Variant): Promise<(name: string) => Promise<Float32Array>> {
  const expected = await loadWeights(`${FIXTURES}small_${variant}_expected.safetensors`);
  return (name) => expected.find(name)!.read();
}

/** Gradients of the cross-entropy with labels 3 and 7 that PyTorch computes: `grad.PARAMETER`, of 1d also `grad.input`. */
export async function smallGradients(variant: Variant): Promise<readonly NamedTensor[]> {
  const file = variant === '1d' ? 'expected' : 'gradients';
  const { tensors } = await loadWeights(`${FIXTURES}small_${variant}_${file}.safetensors`);
  return tensors.filter(({ name }) => name.startsWith('grad.'));
}

/** Images [2,3,64,96]. */
export const SMALL_IMAGES = { batch: 2, height: 64, width: 96 };

/** Of plans, by the name that a test's title has. */
export interface NamedFusion extends Fusion {
  readonly name: string;
}

/** As few steps as can be, and as many; and with oriented convolutions in planes. */
export const FUSIONS: readonly NamedFusion[] = [
  {
    name: 'fused',
    normIntoProduct: true,
    geluIntoProduct: true,
    pointwiseIntoConvolution: () => true,
    layoutOf: () => 'nhwc',
  },
  {
    name: 'apart',
    normIntoProduct: false,
    geluIntoProduct: false,
    pointwiseIntoConvolution: () => false,
    layoutOf: () => 'nhwc',
  },
  {
    name: 'planes',
    normIntoProduct: false,
    geluIntoProduct: true,
    pointwiseIntoConvolution: () => true,
    layoutOf: ({ filter }) => (filter === 'line' ? 'nchw' : 'nhwc'),
  },
];

/** [N,C,H,W] of [N,H,W,C]. */
export function toPlanes(
  map: ArrayLike<number>,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
): Float64Array {
  return transposed(map, height * width, channels);
}

/** [N,H,W,C] of [N,C,H,W]. */
export function toMaps(
  planes: ArrayLike<number>,
  [, channels, height, width]: readonly number[],
): Float64Array {
  return transposed(planes, channels!, height! * width!);
}

/** [N,columns,rows] of [N,rows,columns]. */
export function transposed(matrix: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: matrix.length }, (_, i) => {
    const [image, column, row] = [Math.floor(i / rows / columns), Math.floor(i / rows) % columns, i % rows];
    return matrix[(image * rows + row) * columns + column]!;
  });
}

/** The largest difference; not a number if any is none, or if one array is longer. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}
