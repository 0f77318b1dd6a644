import type { Product } from '../../../generator/operations/operation.js';
import type { ProductTensors } from '../../cuda/blas.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import type { ProductWay } from './product_way.js';

/** Rows at each end that are compared: those of a first block, and of a last one that is not full. */
const ROWS = 256;
/** Of the largest number. TF32 has 10 bits of a fraction; a kernel that is wrong is off by as much as its numbers are large. */
const TOLERANCE = 1e-2;

/**
 * Whether two ways to compute a product make the same of the same rows. What the input and the output hold is lost.
 * @throws DeviceError if one of them does not run
 */
export function agree(
  device: CudaDevice,
  [one, other]: readonly [ProductWay, ProductWay],
  { inner, outer }: Product,
  rows: number,
  tensors: ProductTensors,
): boolean {
  const count = Math.min(rows, ROWS);
  const starts = [0, rows - count];
  const pattern = Float32Array.from({ length: count * inner }, (_, i) => Math.sin(i));
  const results = ({ bind }: ProductWay) => {
    for (const start of starts) device.upload(tensors.input, pattern, start * inner);
    device.fill(tensors.output, Number.NaN).run();
    bind(tensors).run();
    return starts.map((start) => part(device, tensors.output, start * outer, count * outer));
  };
  const [expected, actual] = [results(one), results(other)];
  return expected.every((values, i) => isClose(actual[i]!, values));
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
