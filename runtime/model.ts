import type { GeluForm } from '../generator/operations/operation.js';
import type { ModelSize, Variant } from './convnext/architecture.js';
import type { ModelConfig } from './convnext/config.js';
import type { CpuDevice } from './cpu.js';
import type { CudaDevice } from './cuda/device.js';
import type { DispatchOptions } from './dispatch.js';
import { requireLibrary } from './given.js';
import { chosenConfig } from './model/choice.js';
import { defaultDevice } from './model/default_device.js';
import { executables } from './model/executables.js';
import { requireGelu, requireProducts, requireWeights } from './model/given_options.js';
import { type Images, imagesOf } from './model/images.js';
import { type ModelProfile, type ProfileSpec, profiled } from './model/profile.js';
import { type Features, featuresOf, type Logits, logitsOf } from './model/results.js';
import type { ProductType } from './plan/product_type.js';
import type { Checkpoint } from './weights/checkpoint.js';
import { loadWeights } from './weights/load.js';
import { fitWeights } from './weights/model/fit_weights.js';
import type { Which } from './weights/pth/state_dict.js';

export type { Images } from './model/images.js';
export type { ModelProfile, ProfiledStep, ProfileSpec } from './model/profile.js';
export type { FeatureMap, Features, Logits } from './model/results.js';

export interface ModelOptions extends DispatchOptions {
  /** A file by torch.save or in safetensors, or what {@link loadWeights} or {@link initialWeights} gave. */
  readonly weights: string | Checkpoint;
  /** Checked against the weights, off which it is read unless given. */
  readonly size?: ModelSize | 'auto';
  /** Checked against the weights, off which it is read unless given. */
  readonly variant?: Variant | 'auto';
  /** Of a file with both: the weights that were trained, unless their moving average is asked for. */
  readonly which?: Which;
  /** The first GPU if there is one, else the CPU, unless given. */
  readonly device?: CpuDevice | CudaDevice;
  /** What a GPU multiplies matrices in: float32 unless given; TF32 is faster, and rounds what it multiplies to 11 bits. */
  readonly products?: ProductType;
  /**
   * How GELU is computed: exactly unless given. By tanh it is another network than the paper's, with logits that are off by up to
   * about 1e-3, and cuBLASLt does it inside of products, which spares a GPU a pass over the widest maps.
   */
  readonly gelu?: GeluForm;
  /** Told of each kernel that is ready for images of a new size: those that were never compiled before take their time. */
  readonly onProgress?: (progress: ModelProgress) => void;
}

export interface ModelProgress {
  /** `preparing 1d tiny with 1000 classes for 64 images of 224x224` */
  readonly text: string;
  /** Kernels that are ready, of so many. */
  readonly done: number;
  readonly total: number;
}

/** A network with its weights on a device. Calls may overlap; one runs at a time, in the order of the calls. */
export interface Model {
  readonly kind: 'model';
  readonly config: ModelConfig;
  readonly device: CpuDevice | CudaDevice;
  /**
   * Classifies images, as they are at the call.
   * @param images or their numbers alone, [N,3,224,224]
   * @throws ModelError if they are not what they say they are; ProblemError if they are too small; DeviceError
   */
  run(images: Images | Float32Array): Promise<Logits>;
  /** What the four stages make of images, at strides 4, 8, 16 and 32. As {@link run} otherwise. */
  features(images: Images | Float32Array): Promise<Features>;
  /** Times a classification step by step. @throws DeviceError */
  profile(spec: ProfileSpec): Promise<ModelProfile>;
  /** Gives back all memory once the calls so far are done; calls after it are refused. The device stays open. */
  close(): Promise<void>;
}

/**
 * A network of the paper with its weights, ready to run on images of any size:
 *
 *   const model = await loadModel({ weights: 'convnext_tiny_1d.pth', library });
 *   const { logits } = await model.run({ data, batch: 1, height: 224, width: 224 });
 *
 * Convolutions run by the library's kernels, such as `oriented1d/generated`; a layer that it has none for gets one that is
 * generated, or with `untuned: 'general'` the general one, which is slower.
 *
 * The first call with a size and a number of images prepares for them: parameters are folded and kernels compiled. The
 * latest few stay prepared.
 * @throws WeightsError if the weights cannot be read, or are not those of the size and variant asked for; DeviceError
 */
export async function loadModel(options: ModelOptions): Promise<Model> {
  requireWeights(options);
  requireLibrary(options.library);
  requireGelu(options.gelu);
  const { weights, which = 'model', size = 'auto', variant = 'auto' } = options;
  const checkpoint = typeof weights === 'string' ? await loadWeights(weights, { which }) : weights;
  const config = chosenConfig(checkpoint, { size, variant });
  const fitted = await fitWeights(checkpoint, config);
  const device = options.device ?? defaultDevice();
  requireProducts(device, options.products);
  const prepared = executables(fitted, device, options);
  return Object.freeze<Model>({
    kind: 'model',
    config,
    device,
    async run(images) {
      const given = imagesOf(images);
      return prepared.use('classes', given, async (executable) =>
        logitsOf(config, given, await executable.run(given.data)),
      );
    },
    async features(images) {
      const given = imagesOf(images);
      return prepared.use('features', given, async (executable) =>
        featuresOf(executable.plan, await executable.run(given.data)),
      );
    },
    async profile(spec) {
      return prepared.use('classes', spec, (executable) => profiled(executable, device, spec.rounds));
    },
    close: prepared.close,
  });
}
