import { packGrid } from '../../generator/launch.js';
import { kernelParameters, type Parameters } from '../convolution.js';
import { kernelLaunch } from './launch.js';
import { keeping, lending } from './lend.js';
import type { Setting } from './prepared.js';
import { type CudaTensor, deviceTensor, upload } from './tensor.js';

/** Weights and bias, folded and reordered on the device. @throws DeviceError if one has another length, or their kernel fails */
export function packedWeights(setting: Setting, parameters: Parameters): CudaTensor {
  const { problem, binary, queue } = setting;
  const given = kernelParameters(problem, parameters);
  return keeping(deviceTensor(queue, binary.plan.packedFloats), (packed) => {
    writePacked(setting, given, packed);
    return packed;
  });
}

/** Runs `<kernel>_pack`, with weights and bias on the device for as long as it takes. */
function writePacked(
  { binary, kernels, queue }: Setting,
  { weight, bias, resid }: ReturnType<typeof kernelParameters>,
  packed: CudaTensor,
): void {
  const { pack } = kernels;
  if (!pack) return; // a kernel without weights
  lending((lend) => {
    const onDevice = (array: Float32Array) => {
      const copy = lend(deviceTensor(queue, array.length));
      upload(queue, copy, array);
      return copy.native;
    };
    const centre = Float32Array.of(resid ? 1 : 0);
    const args = [onDevice(weight), bias ? onDevice(bias) : null, centre, packed.native, ...kernels.tail];
    kernelLaunch(`${binary.symbol}_pack`, pack, packGrid(binary.plan), args, queue).run();
    queue.stream.synchronize();
  });
}
