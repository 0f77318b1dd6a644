import { type CudaOperation, cudaOperation } from '../../../generator/operations/cuda/source.js';
import { tensorStem } from '../../../generator/operations/cuda/stem_tf32.js';
import { hasTf32 } from '../../../generator/target.js';
import { compileCuda, findCudaCompiler } from '../../cuda/compiler.js';
import type { CudaDevice } from '../../cuda/device.js';
import type { CudaLaunch } from '../../cuda/launch.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import { tensorMap } from '../../cuda/tensor_map.js';
import type { DispatchOptions } from '../../dispatch.js';
import { DeviceError } from '../../errors.js';
import type { OperationStep } from '../step.js';
import type { CudaStepKernel } from './kernel.js';
import { onDevice } from './parameter.js';

/**
 * An operation's emitted kernel.
 * @param step its count is of rows or images
 * @param tf32 whether what it multiplies may be in TF32: what a stem does, where tensor cores have it
 * @throws DeviceError, see {@link loadOperation}; ProblemError, see {@link cudaOperation}
 */
export async function operationKernel(
  { operation, count: images }: Pick<OperationStep, 'operation' | 'count'>,
  device: CudaDevice,
  tf32: boolean,
  options: DispatchOptions,
): Promise<CudaStepKernel> {
  const { sharedBytes: bytes, multiprocessors, target } = device;
  const byTensors =
    operation.kind === 'stem' && tf32 && hasTf32(target.arch)
      ? tensorStem(operation, { bytes, images, multiprocessors })
      : undefined;
  const source = byTensors ?? cudaOperation(operation, bytes);
  const launch = await loadOperation(source, device, options);
  return Object.freeze<CudaStepKernel>({
    kind: 'cuda-step-kernel',
    bind({ weight, bias, input, residual, output, count }, lend) {
      const parameters = [weight, bias].map((array) => array && lend(onDevice(device, array)));
      return { kernel: source.name, launch: launch([input, ...parameters, residual, output], count) };
    },
  });
}

/** Launches a kernel over its arrays, in its order, for so many rows or images; those that it has not are null. */
export type OperationLaunch = (tensors: readonly (CudaTensor | null)[], count: number) => CudaLaunch;

/** Compiles an emitted kernel at its first use. @throws DeviceError if there is no compiler, or the cache cannot be written */
export async function loadOperation(
  { name, text, arch: only, sharedBytes, maps, launch }: CudaOperation,
  device: CudaDevice,
  { cacheFolder: folder }: DispatchOptions,
): Promise<OperationLaunch> {
  const compiler = await findCudaCompiler();
  if (!compiler) throw compilerMissing(name);
  const arch = only ?? device.target.arch;
  const image = await compileCuda(compiler, { name, text, arch, ...(folder !== undefined && { folder }) });
  const kernel = device.kernel(image, name, sharedBytes);
  return (tensors, count) => {
    const given = tensors.filter((tensor): tensor is CudaTensor => tensor !== null);
    const [input, weight] = tensors;
    const mapped = maps ? [tensorMap(maps.input, input!, count), tensorMap(maps.weight, weight!, 1)] : [];
    return kernel(launch(count, device.multiprocessors), [...given, Int32Array.of(count), ...mapped]);
  };
}

function compilerMissing(name: string): DeviceError {
  return new DeviceError('system', {
    code: 'cuda-compiler-missing',
    value: name,
    rule: 'what a network does between its convolutions is compiled at its first use, and neither NVRTC nor nvcc was found',
    remedy: 'pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit',
  });
}
