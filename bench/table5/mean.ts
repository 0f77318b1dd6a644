import { type Problem, problem } from '../../generator/problem.js';
import { render } from '../../generator/template.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';

/** The name of both kernels of the mean. */
export const MEAN = 'mean';

/** Threads a block, and blocks: enough to keep every memory channel of a large GPU busy. */
const THREADS = 512;
const BLOCKS = 1024;

export function cpuMeanText(): string {
  return render('cpp/mean.cpp.hbs', { symbol: MEAN });
}

export function cudaMeanText(): string {
  return render('cuda/mean.cu.hbs', { symbol: MEAN, threads: THREADS });
}

/**
 * The mean of a tensor, as a kernel with the arguments of wgrad.
 * @param path of the compiled {@link cpuMeanText} @param like any problem whose output has the tensor's size
 * @returns makes a run that writes the mean to the first element of an array [C]
 */
export function cpuMean(device: CpuDevice, path: string, like: Problem) {
  const shape = problem({ ...like, op: 'wgrad', kernel: 1, angles: [0] });
  const prepared = device.loadGradientBinary(shape, path, MEAN).prepare({});
  return (tensor: Float32Array, mean: Float32Array): (() => void) =>
    prepared.bind({
      input: tensor,
      grad: tensor,
      weightGrad: new Float32Array(like.channels),
      biasGrad: mean,
    }).run;
}

/**
 * The mean of a tensor on a GPU, by two launches.
 * @param path of the compiled {@link cudaMeanText} @param tensor makes one of so many floats
 * @returns makes launches that write the mean to a tensor's first element
 */
export function cudaMean(device: CudaDevice, path: string, tensor: CudaDevice['tensor']) {
  const [sum, end] = [device.kernel(path, MEAN), device.kernel(path, `${MEAN}_end`)];
  const partial = tensor(BLOCKS);
  return (of: CudaTensor, mean: CudaTensor): readonly CudaLaunch[] => {
    const elements = new Int32Array(BigInt64Array.of(BigInt(of.length)).buffer);
    return [
      sum({ blocks: BLOCKS, threads: THREADS }, [of, elements, partial]),
      end({ blocks: 1, threads: THREADS }, [partial, Int32Array.of(BLOCKS), elements, mean]),
    ];
  };
}
