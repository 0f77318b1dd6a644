import { type ModelConfig, requireConfig } from '../../convnext/config.js';
import { type Checkpoint, checkpoint, type NamedTensor } from '../checkpoint.js';
import { refuse } from '../errors.js';
import { normals } from './normals.js';
import { type Parameter, parameterList, radians, thetaList } from './parameters.js';

/** Of weights of convolutions and linear layers, oriented ones included. */
const DEVIATION = 0.02;

/** What a block adds to its input is scaled down to next to nothing at first. */
const LAYER_SCALE = 1e-6;

export interface InitialOptions {
  /** Factor of the head's weights, 1 unless given; smaller for fine-tuning. */
  readonly headScale?: number;
}

/**
 * Weights to train from, as ConvNeXt's training code makes them (Liu et al. 2022, appendix A; the paper follows it):
 * weights normal with standard deviation 0.02, biases 0, LayerNorm 1 and 0, layer scale 1e-6; directions of the oriented
 * layers as the paper has them. That code truncates at -2 and 2, a hundred deviations away: never reached, so that
 * nothing is left to truncate here.
 *
 * A tensor's numbers depend on the seed and its name alone, and are made when they are read.
 * @param seed a whole number from 0 on
 * @throws WeightsError for another seed, ProblemError for what is no configuration
 */
export function initialWeights(
  config: ModelConfig,
  seed: number,
  { headScale = 1 }: InitialOptions = {},
): Checkpoint {
  const source = `seed ${seed}`;
  requireConfig(config);
  if (!Number.isSafeInteger(seed) || seed < 0)
    refuse(source, 'seed', 'a seed is a whole number from 0 on', 'give for example 1');
  return checkpoint(source, 'initial', [
    ...parameterList(config).map((parameter) =>
      tensor(parameter.name, parameter.shape, () => initial(parameter, seed, headScale)),
    ),
    ...thetaList(config).map(({ name, layer }) => tensor(name, [layer.channels], () => radians(layer))),
  ]);
}

function tensor(name: string, shape: readonly number[], make: () => Float32Array<ArrayBuffer>): NamedTensor {
  return Object.freeze<NamedTensor>({
    kind: 'named-tensor',
    name,
    shape,
    stored: 'F32',
    read: async () => make(),
  });
}

function initial(
  { name, shape, role }: Parameter,
  seed: number,
  headScale: number,
): Float32Array<ArrayBuffer> {
  const length = shape.reduce((product, size) => product * size, 1);
  switch (role) {
    case 'convolution':
    case 'linear':
      return normals(length, DEVIATION, `${seed} ${name}`);
    case 'head':
      return normals(length, DEVIATION * headScale, `${seed} ${name}`);
    case 'bias':
      return new Float32Array(length);
    case 'norm':
      return new Float32Array(length).fill(1);
    case 'scale':
      return new Float32Array(length).fill(LAYER_SCALE);
    default:
      return role satisfies never;
  }
}
