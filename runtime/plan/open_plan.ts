import type { CpuDevice } from '../cpu.js';
import type { CudaDevice } from '../cuda/device.js';
import { CPU_FUSION, openCpuPlan } from './cpu/open_cpu_plan.js';
import { type CudaPlanOptions, cudaFusion, openCudaPlan } from './cuda/open_cuda_plan.js';
import type { Executable } from './executable.js';
import type { Fusion, Plan } from './plan.js';

/**
 * A plan on a device; a CPU multiplies matrices in float32, whatever is asked of a GPU.
 * @throws DeviceError if there is not so much memory, or a kernel cannot be had
 */
export async function openPlan(
  plan: Plan,
  device: CpuDevice | CudaDevice,
  { products = 'fp32', ...options }: CudaPlanOptions,
): Promise<Executable> {
  switch (device.kind) {
    case 'cpu':
      return openCpuPlan(plan, device, options);
    case 'cuda':
      return openCudaPlan(plan, device, { ...options, products });
    default:
      return device satisfies never;
  }
}

/** What a device would rather have in one step than in two, and in which layout. @param options those that the plan is opened with */
export async function fusionOf(
  device: CpuDevice | CudaDevice,
  options: Pick<CudaPlanOptions, 'products' | 'library'>,
): Promise<Fusion> {
  switch (device.kind) {
    case 'cpu':
      return CPU_FUSION;
    case 'cuda':
      return cudaFusion(device, options);
    default:
      return device satisfies never;
  }
}
