import { type CpuDevice, openCpu } from '../cpu.js';
import { type CudaDevice, cudaDeviceCount, openCuda } from '../cuda/device.js';
import { DeviceError } from '../errors.js';

/** The first GPU if there is one, else the CPU. @throws DeviceError if there is a GPU that cannot be opened */
export function defaultDevice(): CpuDevice | CudaDevice {
  return gpus() > 0 ? openCuda() : openCpu();
}

/** None where there is no driver. */
function gpus(): number {
  try {
    return cudaDeviceCount();
  } catch (cause) {
    if (cause instanceof DeviceError) return 0;
    throw cause;
  }
}
