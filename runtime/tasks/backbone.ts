import { isOriented, type OrientedLayer } from '../convnext/architecture.js';
import { configLayers, type ModelConfig, modelConfigOf } from '../convnext/config.js';
import type { NamedTensor } from '../weights/checkpoint.js';
import type { FittedWeights } from '../weights/model/fit_weights.js';
import { parameterList, thetaList } from '../weights/model/parameters.js';

/** An oriented layer that gets shorter, and how many taps it had and has. */
export interface CroppedLayer {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A network's weights with kernels as backbones for dense tasks have them. */
export interface Backbone {
  readonly config: ModelConfig;
  /** Every tensor of the network, its classifier's too. */
  readonly tensors: readonly NamedTensor[];
  /** Empty for 2d, and for what was cropped before. */
  readonly cropped: readonly CroppedLayer[];
}

/**
 * The most taps by stage, of oriented kernels of 31 and of 15 taps: longer ones would read nothing but the outside of the last
 * stages' maps at their ends, and what reads nothing is not trained.
 */
const LONGEST: Readonly<Record<number, readonly number[]>> = { 31: [31, 31, 27, 13], 15: [15, 15, 15, 13] };

/**
 * Crops the oriented kernels of a classifier's blocks about their centres, and keeps everything else: 31 taps become 31, 31, 27
 * and 13 by stage, 15 become 15, 15, 15 and 13. Square kernels and those of the stem stay whole.
 */
export function backbone({ config, tensor }: FittedWeights): Backbone {
  const cropped = configLayers(config).filter(isOriented).flatMap(croppedLayer);
  const taps = new Map(cropped.map(({ name, to }) => [`${name}.weight`, to]));
  const names = [...parameterList(config), ...thetaList(config)].map(({ name }) => name);
  return Object.freeze<Backbone>({
    config: croppedConfig(config),
    cropped,
    tensors: names.map((name) => {
      const to = taps.get(name);
      return to === undefined ? tensor(name) : croppedTensor(tensor(name), to);
    }),
  });
}

function croppedLayer({ name, input, kernel }: OrientedLayer): readonly CroppedLayer[] {
  const to = typeof input === 'number' ? longest(kernel, input) : kernel;
  return to < kernel ? [Object.freeze({ name, from: kernel, to })] : [];
}

function longest(kernel: number, stage: number): number {
  return Math.min(kernel, LONGEST[kernel]?.[stage] ?? kernel);
}

function croppedConfig(config: ModelConfig): ModelConfig {
  const { variant, kernels, stem, ...rest } = config;
  const oriented = variant === '1d' || variant === '1dpp';
  return modelConfigOf({
    ...rest,
    variant,
    kernels: {
      first: oriented ? kernels.first.map(longest) : kernels.first,
      second: kernels.second?.map(longest) ?? null,
    },
    ...(stem.kind === 'oriented' && { stemWidth: stem.width, stemKernel: stem.kernel }),
  });
}

/** [C,1,1,K] with as many taps cut off on either side. */
function croppedTensor(tensor: NamedTensor, taps: number): NamedTensor {
  const before = tensor.shape.at(-1)!;
  const first = (before - taps) / 2;
  return Object.freeze<NamedTensor>({
    ...tensor,
    shape: Object.freeze([...tensor.shape.slice(0, -1), taps]),
    async read() {
      const whole = await tensor.read();
      return Float32Array.from(
        { length: (whole.length / before) * taps },
        (_, i) => whole[Math.floor(i / taps) * before + first + (i % taps)]!,
      );
    },
  });
}
