import { render } from '../../generator/template.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import type { Inspection } from './verify.js';

const SYMBOL = 'inspect';
const GRID = { blocks: 1024, threads: 256 };

/** The kernel that inspects outputs on the device, CUDA. */
export function inspectionText(): string {
  return render('cuda/verify.cu.hbs', { symbol: SYMBOL });
}

/**
 * Compares an output with its first images, which it is to repeat bit for bit.
 * @param elements of one image
 */
export type Inspector = (output: CudaTensor, first: CudaTensor, elements: number) => Inspection;

/** @param image file of the compiled {@link inspectionText} @throws DeviceError */
export function inspector(
  device: Pick<CudaDevice, 'kernel' | 'tensor' | 'upload' | 'download'>,
  image: string,
): Inspector {
  const inspect = device.kernel(image, SYMBOL);
  const found = new BigUint64Array(2);
  const bits = new Float32Array(found.buffer); // a tensor's elements are bits like any others
  const tensor = device.tensor(bits.length);
  const at = (element: bigint) => (element === NONE ? undefined : Number(element));
  return (output, first, elements) => {
    found.fill(NONE);
    device.upload(tensor, bits);
    inspect(GRID, [output, first, long(output.length), long(first.length), tensor]).run();
    device.download(tensor, bits);
    const [hole, unequal] = [at(found[0]!), at(found[1]!)];
    return { hole, unequal: unequal === undefined ? undefined : Math.floor(unequal / elements) };
  };
}

const NONE = 2n ** 64n - 1n;

/** A 64-bit argument. */
function long(value: number): Int32Array {
  return new Int32Array(BigInt64Array.of(BigInt(value)).buffer);
}
