import { readFileSync } from 'node:fs';
import type { LaunchPlan } from '../../generator/launch.js';
import { unpackedImage } from '../../generator/library/image_bytes.js';
import type { Problem } from '../../generator/problem.js';
import type { CudaTarget } from '../../generator/target.js';
import type { DispatchOptions } from '../dispatch.js';
import { DeviceError } from '../errors.js';
import { convolutionOp, gradientOp } from '../operation.js';
import { systemReason } from '../system_reason.js';
import { cudaAddon, type NativeDevice } from './addon.js';
import { type CudaBlas, findBlas } from './blas.js';
import { type Clocks, clockReader } from './clocks.js';
import { type CudaConvolution, cudaConvolution } from './convolution.js';
import { type CustomKernel, customKernel } from './custom.js';
import { type CudaBinary, cudaDispatch } from './dispatch.js';
import { calling } from './failure.js';
import { type CudaGradient, cudaGradient } from './gradient.js';
import { cudaGradientDispatch } from './gradient_dispatch.js';
import { type CudaGraph, type CudaLaunch, copyOf, fillOf, graphOf, inOrder } from './launch.js';
import { type CudaStream, queueOf, streamOf } from './queue.js';
import {
  type CudaTensor,
  deviceTensor,
  download,
  downloadAsync,
  tensorPart,
  upload,
  uploadAsync,
} from './tensor.js';

export interface CudaOptions {
  /** The device's number among those that CUDA_VISIBLE_DEVICES lets be seen, 0 unless given. */
  readonly device?: number;
}

/** A GPU of NVIDIA's, and the target that its kernels are made for. All that it is given to do runs in order. */
export interface CudaDevice {
  readonly kind: 'cuda';
  readonly target: CudaTarget;
  readonly index: number;
  /** `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  readonly multiprocessors: number;
  readonly l2Bytes: number;
  /** The most shared memory that a block can have. */
  readonly sharedBytes: number;
  /** The newest CUDA that the driver knows: `13.0`. */
  readonly driver: string;
  /** How much there is now. */
  memory(): { readonly freeBytes: number; readonly totalBytes: number };
  /** How fast it runs now and how hot it is; undefined where the driver does not tell, as without NVML. */
  clocks(): Clocks | undefined;

  /** float32 numbers on the device, not cleared. @throws DeviceError if so many do not fit */
  tensor(length: number): CudaTensor;
  /** `length` elements of a tensor from `at` on, as a tensor that shares its memory. @throws DeviceError */
  part(tensor: CudaTensor, at: number, length: number): CudaTensor;
  /** Copies an array into the tensor's elements from `at` on. @throws DeviceError */
  upload(tensor: CudaTensor, array: Float32Array, at?: number): void;
  /** Waits for what runs, then copies the tensor's elements from `at` on into an array. @throws DeviceError */
  download(tensor: CudaTensor, array: Float32Array, at?: number): void;
  /** Both for a whole array off this thread; leave it alone until it resolves. */
  uploadAsync(tensor: CudaTensor, array: Float32Array): Promise<void>;
  downloadAsync(tensor: CudaTensor, array: Float32Array): Promise<void>;

  /** The best kernel for a problem, compiled at its first use. @throws DeviceError, see {@link cudaDispatch} */
  load(problem: Problem, options?: DispatchOptions): Promise<CudaConvolution>;
  /**
   * A kernel that was compiled for just this problem and this device.
   * @param image file of a cubin, a fatbin or a PTX, packed by gzip or not, that holds `symbol` and `<symbol>_pack`
   * @throws DeviceError
   */
  loadBinary(problem: Problem, image: string, plan: LaunchPlan, symbol: string): CudaConvolution;

  /** The best kernel for wgrad or backward, or the best two for backward. @throws DeviceError, see {@link cudaGradientDispatch} */
  loadGradient(problem: Problem, options?: DispatchOptions): Promise<CudaGradient>;
  /** As loadBinary, for wgrad, whose image needs no `<symbol>_pack`, and backward. @throws DeviceError */
  loadGradientBinary(problem: Problem, image: string, plan: LaunchPlan, symbol: string): CudaGradient;

  /**
   * Any other kernel of an image, see {@link CustomKernel}. @param image as for loadBinary
   * @param sharedBytes dynamic shared memory a block; none unless given
   * @throws DeviceError
   */
  kernel(image: string, symbol: string, sharedBytes?: number): CustomKernel;

  /** NVIDIA's library of matrix products, if there is one, see {@link findBlas}; looked for once. */
  blas(): Promise<CudaBlas | undefined>;

  /** Copies the first `length` elements, all of the source unless given: what kernels are measured against. */
  copy(destination: CudaTensor, source: CudaTensor, length?: number): CudaLaunch;
  /** Writes one number to every element, such as a NaN before a run that is to write all. */
  fill(tensor: CudaTensor, value: number): CudaLaunch;
  /** Launches that belong together, in order, as one. @throws DeviceError */
  sequence(launches: readonly CudaLaunch[]): CudaLaunch;
  /** Launches that the device does in one go, in order. @throws DeviceError */
  graph(launches: readonly CudaLaunch[]): CudaGraph;
  /** Microseconds of one launch, see {@link CudaGraph.time}. A graph that is timed again and again is made once. */
  time(launches: readonly CudaLaunch[], repetitions: number): number;

  /** Work that does not wait for the device's own. */
  stream(): CudaStream;
  /** Waits for all of the device's own stream. @throws DeviceError that names the kernel if one failed */
  synchronize(): void;
  /** The same without blocking this thread. */
  finished(): Promise<void>;
}

/** How many GPUs there are. @throws DeviceError if there is no driver, or the addon cannot be loaded */
export function cudaDeviceCount(): number {
  return calling('CUDA', () => cudaAddon().deviceCount());
}

/** @throws DeviceError if there is no driver, no such device, or the addon cannot be loaded */
export function openCuda({ device: index = 0 }: CudaOptions = {}): CudaDevice {
  requireIndex(index);
  const native = calling(`CUDA device ${index}`, () => cudaAddon().device(index));
  const queue = queueOf(native);
  const { stream, latest } = queue;
  const known = facts(native);
  let blas: Promise<CudaBlas | undefined> | undefined;
  return Object.freeze<CudaDevice>({
    kind: 'cuda',
    index,
    ...known,
    memory: () => calling(native.name, () => cudaAddon().memory(native)),
    clocks: clockReader(native),
    tensor: (length) => deviceTensor(queue, length),
    part: tensorPart,
    upload: (tensor, array, at) => upload(queue, tensor, array, at),
    download: (tensor, array, at) => download(queue, tensor, array, at),
    uploadAsync: (tensor, array) => uploadAsync(queue, tensor, array),
    downloadAsync: (tensor, array) => downloadAsync(queue, tensor, array),
    async load(problem, options = {}) {
      return cudaConvolution(problem, await cudaDispatch(problem, known, options), queue);
    },
    loadBinary(problem, path, plan, symbol) {
      convolutionOp(problem, 'GPU');
      return cudaConvolution(problem, binaryOf(path, plan, symbol), queue);
    },
    async loadGradient(problem, options = {}) {
      return cudaGradient(problem, await cudaGradientDispatch(problem, known, options), queue);
    },
    loadGradientBinary(problem, path, plan, symbol) {
      gradientOp(problem, 'GPU');
      return cudaGradient(problem, binaryOf(path, plan, symbol), queue);
    },
    kernel: (path, symbol, sharedBytes) => customKernel(queue, imageIn(path), symbol, sharedBytes),
    blas: () => (blas ??= findBlas(queue)),
    copy: (destination, source, length = source.length) => copyOf(queue, destination, source, length),
    fill: (tensor, value) => fillOf(queue, tensor, value),
    sequence: (launches) => inOrder(queue, launches),
    graph: (launches) => graphOf(queue, launches),
    time: (launches, repetitions) => graphOf(queue, launches).time(repetitions),
    stream: () => streamOf(native, latest),
    synchronize: stream.synchronize,
    finished: stream.finished,
  });
}

function facts(native: NativeDevice) {
  const { name, multiprocessors, l2Bytes, sharedBytes } = native;
  const version = cudaAddon().driverVersion();
  const driver = `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;
  return { target: targetOf(native), name, multiprocessors, l2Bytes, sharedBytes, driver };
}

function targetOf({ major, minor }: NativeDevice): CudaTarget {
  return Object.freeze({ kind: 'cuda', arch: `sm_${major}${minor}` });
}

function binaryOf(path: string, plan: LaunchPlan, symbol: string): CudaBinary {
  return { origin: { kind: 'binary', path, symbol }, symbol, plan, image: imageIn(path), takesShape: false };
}

function imageIn(path: string): Uint8Array {
  try {
    return unpackedImage(readFileSync(path));
  } catch (cause) {
    throw new DeviceError('user', {
      code: 'image-missing',
      value: path,
      rule: `the kernel cannot be read: ${systemReason(cause)}`,
      remedy: 'give the file of a cubin or a PTX',
      cause,
    });
  }
}

function requireIndex(index: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index < 2 ** 31) return;
  throw new DeviceError('user', {
    code: 'device-index',
    value: index,
    rule: 'a device is a whole number from 0',
    remedy: 'see the numbers that nvidia-smi lists',
  });
}
