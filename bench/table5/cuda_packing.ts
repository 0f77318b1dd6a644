import { packGrid } from '../../generator/launch.js';
import type { Problem } from '../../generator/problem.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import { parametersOf } from '../parameters.js';
import type { Contestant } from '../stage.js';

/** Zeros for a pointer: none. */
const NULL = Int32Array.of(0, 0);

/** The launch that packs a kernel's weights on the device, into a tensor of its own; none where it takes no weights. */
export function packing(
  device: CudaDevice,
  asked: Problem,
  { path, kernel, launch }: Contestant,
): readonly CudaLaunch[] {
  const { weight, bias } = parametersOf(asked);
  if (!weight) return [];
  const onDevice = (array: Float32Array) => {
    const tensor = device.tensor(array.length);
    device.upload(tensor, array);
    return tensor;
  };
  const pack = device.kernel(path, `${kernel}_pack`);
  const args = [onDevice(weight), bias ? onDevice(bias) : NULL, Float32Array.of(0)] as const;
  return [pack(packGrid(launch!), [...args, device.tensor(launch!.packedFloats)])];
}
