import type { CudaDevice } from '../../cuda/device.js';
import { keeping } from '../../cuda/lend.js';
import type { CudaTensor } from '../../cuda/tensor.js';

/** A step's parameter on the device. @throws DeviceError if there is no room for it */
export function onDevice(device: CudaDevice, array: Float32Array): CudaTensor {
  return keeping(device.tensor(array.length), (tensor) => {
    device.upload(tensor, array);
    return tensor;
  });
}
