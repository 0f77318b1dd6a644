import type { Grid } from '../../generator/launch.js';
import { cudaAddon, type NativeTensorMap } from './addon.js';
import { calling } from './failure.js';
import { type CudaLaunch, launchOf } from './launch.js';
import type { Queue } from './queue.js';
import type { CudaTensor } from './tensor.js';

/** A tensor's address, the bytes of a scalar, or a tensor map. */
export type CustomArgument = CudaTensor | Int32Array | Float32Array | NativeTensorMap;

/** A kernel that is no convolution: it takes any arguments, and checks none of them. */
export type CustomKernel = (grid: Grid, args: readonly CustomArgument[]) => CudaLaunch;

/** @throws DeviceError if the image is not for this device, lacks the kernel, or there is not so much shared memory */
export function customKernel(queue: Queue, image: Uint8Array, symbol: string, sharedBytes = 0): CustomKernel {
  const { module, kernel, launch } = cudaAddon();
  const code = calling(symbol, () => kernel(module(queue.device, image), symbol, sharedBytes));
  return ({ blocks, threads }, args) => {
    const natives = args.map((one) => ('native' in one ? one.native : one));
    return launchOf(queue, symbol, () => launch(code, blocks, threads, natives, queue.stream.native));
  };
}
