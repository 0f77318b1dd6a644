import { cudaOperation } from '../../../generator/operations/cuda/source.js';
import type { Operation } from '../../../generator/operations/operation.js';
import { compileCuda, findCudaCompiler } from '../../cuda/compiler.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import type { DispatchOptions } from '../../dispatch.js';
import { DeviceError } from '../../errors.js';
import type { CudaStepKernel } from './kernel.js';
import { onDevice } from './parameter.js';

/** An operation's emitted kernel, compiled at its first use. @throws DeviceError if there is no compiler, or the cache cannot be written */
export async function operationKernel(
  operation: Operation,
  device: CudaDevice,
  { cacheFolder: folder }: DispatchOptions,
): Promise<CudaStepKernel> {
  const { name, text, sharedBytes, launch } = cudaOperation(operation);
  const compiler = await findCudaCompiler();
  if (!compiler) throw compilerMissing(name);
  const { arch } = device.target;
  const image = await compileCuda(compiler, { name, text, arch, ...(folder !== undefined && { folder }) });
  const kernel = device.kernel(image, name, sharedBytes);
  return Object.freeze<CudaStepKernel>({
    kind: 'cuda-step-kernel',
    name,
    bind({ weight, bias, input, residual, output, count }, lend) {
      const parameters = [weight, bias].map((array) => array && lend(onDevice(device, array)));
      const tensors = [input, ...parameters, residual, output];
      const given = tensors.filter((tensor): tensor is CudaTensor => tensor !== null);
      return kernel(launch(count), [...given, Int32Array.of(count)]);
    },
  });
}

function compilerMissing(name: string): DeviceError {
  return new DeviceError('system', {
    code: 'cuda-compiler-missing',
    value: name,
    rule: 'what a network does between its convolutions is compiled at its first use, and neither NVRTC nor nvcc was found',
    remedy: 'pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit',
  });
}
