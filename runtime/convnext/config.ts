import { ProblemError } from '../../generator/errors.js';
import { isMade } from '../../generator/made.js';
import { kernelLength } from '../../generator/problem.js';
import {
  type DepthwiseLayer,
  DIMENSIONS,
  type Dimensions,
  layersOf,
  MODELS,
  type ModelSize,
  STEM_WIDTH,
  VARIANTS,
  type Variant,
} from './architecture.js';

/** What makes features of a quarter of the image's size. */
export type Stem =
  /** A 4x4 convolution at stride 4. */
  | { readonly kind: 'patch' }
  /** Two oriented ones at stride 2, on `width` channels, of `kernel` taps. */
  | { readonly kind: 'oriented'; readonly width: number; readonly kernel: number };

/** Everything that decides which parameters a network has: the paper's, and others of its make. */
export interface ModelConfig extends Dimensions {
  readonly kind: 'model-config';
  readonly variant: Variant;
  readonly classes: number;
  readonly stem: Stem;
  readonly kernels: Kernels;
}

/** Of the four stages: backbones for dense tasks crop the kernels of the last ones. */
export interface Kernels {
  /** Taps of a block's oriented depthwise convolution, or the side of the square one. */
  readonly first: readonly number[];
  /** Taps of the one on four times the channels; null where the variant has none. */
  readonly second: readonly number[] | null;
}

export interface ConfigSpec extends Dimensions {
  readonly variant: Variant;
  /** 1000 unless given. */
  readonly classes?: number;
  /** Of an oriented stem; the paper's 64 unless given. */
  readonly stemWidth?: number;
  /** The paper's for the variant, unless given. */
  readonly stemKernel?: number;
  readonly kernels?: Kernels;
}

const STAGES = 4;

/** @throws ProblemError unless a value is what {@link modelConfigOf} makes */
export function requireConfig(value: unknown): asserts value is ModelConfig {
  const made = isMade<ModelConfig>(value, 'model-config', {
    ...{ variant: 'string', depths: 'array', widths: 'array', classes: 'number' },
    ...{ stem: 'object', kernels: 'object' },
  });
  if (made) return;
  throw new ProblemError({
    code: 'model-config-unmade',
    value,
    rule: 'a configuration is what standardConfig, modelConfigOf or modelConfig gives',
    remedy: "give for example standardConfig('tiny', '1d')",
  });
}

/** A variant's configuration with any depths and widths. @throws ProblemError if a number of it cannot be */
export function modelConfigOf(spec: ConfigSpec): ModelConfig {
  requireOneOf('variant', VARIANTS, spec?.variant);
  const usual = usualKernels(spec.variant);
  const { first, second } = spec.kernels ?? usual;
  if ((second === null) !== (usual.second === null))
    throw new ProblemError({
      code: 'model-kernels',
      value: second,
      rule: `variant ${spec.variant} has ${usual.second === null ? 'no' : 'a'} second convolution in its blocks`,
      remedy: 'give kernel lengths for the convolutions that the variant has',
    });
  return Object.freeze<ModelConfig>({
    kind: 'model-config',
    variant: spec.variant,
    depths: perStage('depths', spec.depths, count),
    widths: perStage('widths', spec.widths, count),
    classes: count('classes', spec.classes ?? 1000),
    stem: stemOf(spec, usual.stem),
    kernels: Object.freeze({
      first: perStage('kernels', first, kernel),
      second: second && perStage('kernels', second, kernel),
    }),
  });
}

/** The configuration of one of the paper's models. @throws ProblemError for another than these */
export function standardConfig(model: ModelSize, variant: Variant, classes = 1000): ModelConfig {
  requireOneOf('size', MODELS, model);
  return modelConfigOf({ ...DIMENSIONS[model], variant, classes });
}

/** Which of the paper's models it is by its depths and widths, whatever its classes; undefined if none. */
export function modelName({ depths, widths }: Dimensions): ModelSize | undefined {
  return MODELS.find(
    (model) =>
      String(DIMENSIONS[model].depths) === String(depths) &&
      String(DIMENSIONS[model].widths) === String(widths),
  );
}

/** Every depthwise layer of the network, in the order in which an image meets them. */
export function configLayers({
  depths,
  widths,
  variant,
  stem,
  kernels,
}: ModelConfig): readonly DepthwiseLayer[] {
  const stemWidth = stem.kind === 'oriented' ? stem.width : STEM_WIDTH;
  const kernelOf = ({ name, input, kernel }: DepthwiseLayer): number => {
    if (typeof input !== 'number') return stem.kind === 'oriented' ? stem.kernel : kernel;
    return (name.endsWith('.dwconv2') ? kernels.second : kernels.first)?.[input] ?? kernel;
  };
  return Object.freeze(
    layersOf({ depths, widths }, variant, stemWidth).map((layer) =>
      Object.freeze({ ...layer, kernel: kernelOf(layer) }),
    ),
  );
}

/** The paper's kernel lengths, as the depthwise layers of a network with one block a stage have them. */
function usualKernels(variant: Variant): Kernels & { readonly stem: number } {
  const layers = layersOf({ depths: [1, 1, 1, 1], widths: [1, 1, 1, 1] }, variant, 1);
  const taps = (suffix: string) => layers.find(({ name }) => name.endsWith(suffix))?.kernel;
  const all = (taps: number) => Array.from({ length: STAGES }, () => taps);
  const second = taps('.0.dwconv2');
  return {
    stem: taps('.dw1') ?? 0,
    first: all((taps('.0.dwconv1') ?? taps('.0.dwconv'))!),
    second: second === undefined ? null : all(second),
  };
}

function stemOf({ stemWidth = STEM_WIDTH, stemKernel }: ConfigSpec, usual: number): Stem {
  if (usual === 0) return Object.freeze({ kind: 'patch' });
  return Object.freeze({
    kind: 'oriented',
    width: count('stemWidth', stemWidth),
    kernel: kernelLength(stemKernel ?? usual),
  });
}

function perStage(
  name: string,
  values: readonly number[],
  check: (name: string, value: number) => number,
): readonly number[] {
  if (!Array.isArray(values) || values.length !== STAGES)
    throw new ProblemError({
      code: `model-${name}`,
      value: values,
      rule: `${name} are given for each of the ${STAGES} stages`,
      remedy: `give ${STAGES} numbers`,
    });
  return Object.freeze(values.map((value) => check(name, value)));
}

function requireOneOf<T extends string>(what: string, names: readonly T[], given: T): void {
  if (names.includes(given)) return;
  throw new ProblemError({
    code: `model-${what}`,
    value: given,
    rule: `the ${what} of a model is one of ${names.join(', ')}`,
    remedy: `give for example '${names[0]}'`,
  });
}

function kernel(_: string, value: number): number {
  return kernelLength(value);
}

function count(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= 2 ** 20) return value;
  throw new ProblemError({
    code: `model-${name}`,
    value,
    rule: `${name} must be whole numbers from 1 to ${2 ** 20}`,
    remedy: 'give for example what the paper has',
  });
}
