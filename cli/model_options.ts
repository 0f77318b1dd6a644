import { type Command, Option } from 'commander';
import { GELU_FORMS, type GeluForm } from '../generator/operations/operation.js';
import { MODELS, type ModelSize, VARIANTS, type Variant } from '../runtime/convnext/architecture.js';
import { type ModelConfig, modelName } from '../runtime/convnext/config.js';
import { loadModel, type Model, type ModelProgress } from '../runtime/model.js';
import { DEVICE_PRODUCTS, PRODUCT_TYPES, type ProductType } from '../runtime/plan/product_type.js';
import type { Checkpoint } from '../runtime/weights/checkpoint.js';
import { loadWeights } from '../runtime/weights/load.js';
import { type Device, openDevice } from './device.js';
import { CliError } from './errors.js';
import { remarked } from './not_finite.js';
import { preparing } from './preparing.js';
import { namedLibrary } from './published.js';
import type { Ui } from './ui.js';
import { whole } from './values.js';

/** Which weights, and what network they are to be of. */
export interface WeightsOptions {
  readonly model: ModelSize | 'auto';
  readonly variant: Variant | 'auto';
  readonly weights: string;
  readonly ema?: true;
}

/** What they run on, and with which kernels. */
export interface RunOptions {
  readonly target: string;
  readonly threads?: number;
  readonly products: ProductType;
  readonly gelu: GeluForm;
  readonly library?: string;
}

export interface ModelOptions extends WeightsOptions, RunOptions {}

/** @param weights described otherwise where they may be left out */
export function addWeightsOptions(command: Command, weights: Option = neededWeights()): void {
  command
    .addOption(weights)
    .addOption(
      new Option('--model <size>', 'checked against the weights; auto reads it off them')
        .choices(['auto', ...MODELS])
        .default('auto'),
    )
    .addOption(
      new Option('--variant <variant>', 'checked against the weights; auto reads it off them')
        .choices(['auto', ...VARIANTS])
        .default('auto'),
    )
    .option('--ema', 'the moving average of the weights, which training keeps beside them');
}

function neededWeights(): Option {
  return new Option(
    '--weights <file>',
    'checkpoint by torch.save (.pth), or .safetensors',
  ).makeOptionMandatory();
}

export function addRunOptions(command: Command): void {
  command
    .option('--target <target>', 'cpu, cpu:avx512, cpu:avx2, cpu:plain, or cuda', 'cpu')
    .option('--threads <count>', 'threads, one a core unless given', whole('the number of threads'))
    .addOption(
      new Option('--products <type>', 'what a GPU multiplies matrices in: tf32 is faster, and less exact')
        .choices(PRODUCT_TYPES)
        .default('fp32'),
    )
    .addOption(geluOption().default('exact'))
    .option('--library <dir>', "kernels, as tune --out writes them; the package's own unless given");
}

/** Without a default. */
export function geluOption(): Option {
  return new Option(
    '--gelu <form>',
    "exact is the paper's; tanh moves logits by up to about 1e-3, and spares a GPU a pass over memory",
  ).choices(GELU_FORMS);
}

/** Of numbers that are none, it is said when they are read. @throws WeightsError */
export async function openWeights({ weights, ema }: WeightsOptions, ui: Ui): Promise<Checkpoint> {
  return remarked(await loadWeights(weights, { which: ema ? 'ema' : 'model' }), ui);
}

/** The network on the device that --target names. @throws WeightsError, LibraryError, DeviceError, CliError */
export async function openModel(options: ModelOptions, ui: Ui): Promise<Model> {
  const checkpoint = await openWeights(options, ui);
  return modelOn(openDevice(options.target, options.threads), checkpoint, options, preparing(ui));
}

/** The network on a device. @throws as {@link openModel} */
export async function modelOn(
  device: Device,
  weights: Checkpoint,
  { model, variant, products, gelu, library }: Omit<ModelOptions, 'weights'>,
  onProgress?: (progress: ModelProgress) => void,
): Promise<Model> {
  requireProducts(device, products);
  return loadModel({
    size: model,
    variant,
    weights,
    device,
    products,
    gelu,
    library: namedLibrary(library),
    ...(onProgress && { onProgress }),
  });
}

/** The model would say so, too, but not of --products and --target. @throws CliError */
export function requireProducts({ kind }: Device, products: ProductType): void {
  if (DEVICE_PRODUCTS[kind].includes(products)) return;
  throw new CliError({
    code: 'products-cpu',
    value: products,
    rule: 'TF32 is how a GPU multiplies matrices, and the target is a CPU',
    remedy: 'leave --products out, or use --target cuda',
  });
}

/** A network, for --json. */
export interface NetworkDocument {
  readonly variant: Variant;
  /** Null of a network of other depths and widths than the paper's. */
  readonly size: ModelSize | null;
  readonly classes: number;
}

export function networkDocument(config: ModelConfig): NetworkDocument {
  return { variant: config.variant, size: modelName(config) ?? null, classes: config.classes };
}

/** `1d tiny, 1000 classes`; of others than the paper's `1d of widths 12, 20, 36, 52, 10 classes`. */
export function networkText(config: ModelConfig): string {
  const { variant, widths, classes } = config;
  return `${variant} ${modelName(config) ?? `of widths ${widths.join(', ')}`}, ${classes} classes`;
}
