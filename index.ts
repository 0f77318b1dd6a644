/**
 * Public API of oriented1d: describe a problem, open a device, load the best kernel, run it.
 *
 *   const device = openCpu();
 *   const conv = await device.load(problem({ height: 56, width: 56, kernel: 31, angles: [45], channels: 64 }), { library });
 *   const y = conv.run({ input, weight });
 *
 * Or run a whole network of the paper:
 *
 *   const model = await loadModel({ weights: 'convnext_tiny_1d.pth', library });
 *   const { logits } = await model.run({ data, batch: 1, height: 224, width: 224 });
 *
 * The gradients that training needs are `op: 'dgrad'`, and `loadGradient` of `op: 'wgrad'` or, in one pass, `op: 'backward'`.
 *
 * Publishing and tuning are left to the command line: they bring the TypeScript compiler and SQLite along.
 */
export { OrientedError, ProblemError } from './generator/errors.js';
export type { LaunchPlan, PartialSums, TensorMap } from './generator/launch.js';
export { LibraryError } from './generator/library/errors.js';
export { layerName, parseProblemName, problemName } from './generator/name.js';
export {
  type DType,
  type Extent,
  type Filter,
  type GradientOp,
  inputElements,
  inputSize,
  isGradient,
  type Layout,
  type Op,
  outputElements,
  outputSize,
  PAPER_ANGLES,
  type Problem,
  type ProblemSpec,
  problem,
  weightsOf,
} from './generator/problem.js';
export { squareTapSet, type Tap, type TapSet, tapSet } from './generator/taps.js';
export { type CpuTarget, type CudaTarget, type Isa, type Target, targetName } from './generator/target.js';
export { MODELS, type ModelSize, VARIANTS, type Variant } from './runtime/convnext/architecture.js';
export {
  type ConfigSpec,
  type Kernels,
  type ModelConfig,
  modelConfigOf,
  type Stem,
  standardConfig,
} from './runtime/convnext/config.js';
export type {
  Arguments,
  Bindings,
  Convolution,
  Parameters,
  Prepared,
} from './runtime/convolution.js';
export { type CpuDevice, type CpuOptions, openCpu } from './runtime/cpu.js';
export type { Clocks, Slowdown } from './runtime/cuda/clocks.js';
export type { CudaConvolution } from './runtime/cuda/convolution.js';
export { type CudaDevice, type CudaOptions, cudaDeviceCount, openCuda } from './runtime/cuda/device.js';
export type { CudaGradient } from './runtime/cuda/gradient.js';
export type { CudaGradientLaunch } from './runtime/cuda/gradient_engine.js';
export type { CudaKernel } from './runtime/cuda/kernel.js';
export type { CudaGraph, CudaLaunch } from './runtime/cuda/launch.js';
export type { CudaBindings, CudaPrepared } from './runtime/cuda/prepared.js';
export type { CudaGradientBindings, CudaPreparedGradient } from './runtime/cuda/prepared_gradient.js';
export type { CudaStream } from './runtime/cuda/queue.js';
export type { CudaTensor } from './runtime/cuda/tensor.js';
export type { DispatchOptions, Origin } from './runtime/dispatch.js';
export { DeviceError } from './runtime/errors.js';
export type { Gradient, GradientArguments, GradientBindings, PreparedGradient } from './runtime/gradient.js';
export type { GradientOrigin, PairOrigin } from './runtime/gradient_dispatch.js';
export type { GradientParameters, Gradients, GradientTensors } from './runtime/gradient_tensors.js';
export type { DecodeOptions, ImageSource } from './runtime/image/decode.js';
export { ImageError } from './runtime/image/errors.js';
export { loadImage } from './runtime/image/load_image.js';
export type { Launch } from './runtime/launch.js';
export {
  type CpuKernelEntry,
  type CudaKernelEntry,
  defineLibrary,
  type Found,
  type KernelEntry,
  type KernelImage,
  type KernelLibrary,
  type LibrarySpec,
  type Provenance,
} from './runtime/library.js';
export { ModelError } from './runtime/model/errors.js';
export {
  type FeatureMap,
  type Features,
  type Images,
  type Logits,
  loadModel,
  type Model,
  type ModelOptions,
  type ModelProfile,
  type ModelProgress,
  type ProfiledStep,
  type ProfileSpec,
} from './runtime/model.js';
export { type Candidate, topClasses } from './runtime/tasks/top_classes.js';
export { tensor } from './runtime/tensor.js';
export { type Checkpoint, checkpoint, type NamedTensor } from './runtime/weights/checkpoint.js';
export { WeightsError } from './runtime/weights/errors.js';
export { type LoadOptions, loadWeights } from './runtime/weights/load.js';
export { type InitialOptions, initialWeights } from './runtime/weights/model/initial.js';
export { modelConfig } from './runtime/weights/model/model_config.js';
export type { Which } from './runtime/weights/pth/state_dict.js';
export type { WrittenType } from './runtime/weights/safetensors/encode.js';
export { type WriteOptions, writeSafetensors } from './runtime/weights/safetensors/write_safetensors.js';
