import type { Product } from '../../../generator/operations/operation.js';
import type { ProductTensors } from '../../cuda/blas.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import { DeviceError } from '../../errors.js';
import type { ProductWay } from './product_way.js';

/** Rows at each end that are compared: those of a first block, and of a last one that is not full. */
const ROWS = 256;
/** Of the largest number. TF32 has 10 bits of a fraction; a kernel that is wrong is off by as much as its numbers are large. */
const TOLERANCE = 1e-2;

/**
 * The ways to compute a product that make of some rows what a reference makes of them, which computes them once. What is added is
 * held against it apart: the product may be small beside it. What the input, the residual and the output hold is lost.
 */
export function agreeing(
  ways: readonly ProductWay[],
  reference: ProductWay,
  device: CudaDevice,
  { inner, outer, planes }: Product,
  rows: number,
  tensors: ProductTensors,
): readonly ProductWay[] {
  if (ways.length === 0) return [];
  // An image at each end: of planes, its rows are not side by side in memory.
  const count = Math.min(rows, planes?.pixels ?? ROWS);
  const starts = [0, rows - count];
  const fillEnds = (tensor: CudaTensor, columns: number, pattern: Float32Array) => {
    for (const start of starts) device.upload(tensor, pattern, start * columns);
  };
  const residuals = tensors.residual ? [new Float32Array(count * outer), waves(count * outer)] : [null];
  const results = ({ bind }: ProductWay) =>
    unlessRefused(() =>
      residuals.flatMap((residual) => {
        device.fill(tensors.output, Number.NaN).run();
        if (residual) fillEnds(tensors.residual!, outer, residual); // which may be the output
        bind(tensors).run();
        return starts.map((start) => part(device, tensors.output, start * outer, count * outer));
      }),
    );
  fillEnds(tensors.input, inner, waves(count * inner));
  const expected = results(reference);
  if (!expected) return [];
  return ways.filter((way) => results(way)?.every((values, i) => isClose(values, expected[i]!)));
}

/** Numbers none of which stands where another one could. */
function waves(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i));
}

/** Undefined where a device does not run it. If that is for good, whatever comes next fails, too, and says so. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof DeviceError) return undefined;
    throw error;
  }
}

function part(device: CudaDevice, tensor: CudaTensor, at: number, length: number): Float32Array {
  const array = new Float32Array(length);
  device.download(tensor, array, at);
  return array;
}

function isClose(actual: Float32Array, expected: Float32Array): boolean {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.every((value, i) => Math.abs(value - expected[i]!) <= TOLERANCE * largest);
}
