import { isOriented, type OrientedLayer } from '../../convnext/architecture.js';
import { configLayers, type ModelConfig } from '../../convnext/config.js';

/** What a parameter is for, which decides how it is initialised. */
export type Role = 'convolution' | 'linear' | 'head' | 'bias' | 'norm' | 'scale';

/** A learned array of a network, as checkpoints name and shape it. */
export interface Parameter {
  readonly kind: 'parameter';
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: Role;
}

/**
 * Every parameter of a network, from its stem to its head. The directions of its oriented layers are none, since they
 * are never learned: {@link thetaList} has those.
 */
export function parameterList(config: ModelConfig): readonly Parameter[] {
  const { widths, depths, classes } = config;
  const last = widths.at(-1)!;
  return Object.freeze([
    ...stem(config),
    ...widths.slice(1).flatMap((width, i) => downsampling(i + 1, widths[i]!, width)),
    ...depths.flatMap((depth, stage) =>
      Array.from({ length: depth }, (_, block) => blockOf(config, stage, block)).flat(),
    ),
    ...norm('norm', last),
    ...layer('head', 'head', [classes, last]),
  ]);
}

/** Numbers in all of them. */
export function parameterCount(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** Directions of an oriented layer, kept beside its weights in radians, one a channel: [C] or [C,1]. */
export interface Theta {
  readonly kind: 'theta';
  readonly name: string;
  readonly layer: OrientedLayer;
}

export function thetaList(config: ModelConfig): readonly Theta[] {
  return Object.freeze(
    configLayers(config)
      .filter(isOriented)
      .map((layer) => Object.freeze<Theta>({ kind: 'theta', name: `${layer.name}.theta`, layer })),
  );
}

/** Direction of every channel in radians, float32: channel ch of C has the angle n = floor((N*(ch+1) - 1)/C) of N. */
export function radians({ angles, channels }: OrientedLayer): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: channels }, (_, channel) => {
    const angle = angles[Math.floor((angles.length * (channel + 1) - 1) / channels)]!;
    return Math.PI * (angle / 180);
  });
}

function stem({ stem, widths }: ModelConfig): readonly Parameter[] {
  const width = widths[0]!;
  const name = 'downsample_layers.0';
  switch (stem.kind) {
    case 'patch':
      return [...layer(`${name}.0`, 'convolution', [width, 3, 4, 4]), ...norm(`${name}.1`, width)];
    case 'oriented':
      return [
        ...layer(`${name}.pw1`, 'linear', [stem.width, 3]),
        ...layer(`${name}.dw1`, 'convolution', [stem.width, 1, 1, stem.kernel]),
        ...norm(`${name}.norm1`, stem.width),
        ...layer(`${name}.dw2`, 'convolution', [stem.width, 1, 1, stem.kernel]),
        ...norm(`${name}.norm2`, stem.width),
        ...layer(`${name}.pw2`, 'linear', [width, stem.width]),
        ...norm(`${name}.norm3`, width),
      ];
    default:
      return stem satisfies never;
  }
}

function downsampling(i: number, from: number, to: number): readonly Parameter[] {
  const name = `downsample_layers.${i}`;
  return [...norm(`${name}.0`, from), ...layer(`${name}.1`, 'convolution', [to, from, 2, 2])];
}

function blockOf(
  { variant, widths, kernels }: ModelConfig,
  stage: number,
  block: number,
): readonly Parameter[] {
  const width = widths[stage]!;
  const name = `stages.${stage}.${block}`;
  const first = kernels.first[stage]!;
  const oriented = variant === '1d' || variant === '1dpp';
  const second = kernels.second?.[stage];
  return [
    ...layer(`${name}.${second === undefined ? 'dwconv' : 'dwconv1'}`, 'convolution', [
      width,
      1,
      oriented ? 1 : first,
      first,
    ]),
    ...norm(`${name}.norm`, width),
    ...layer(`${name}.pwconv1`, 'linear', [4 * width, width]),
    ...(second === undefined ? [] : layer(`${name}.dwconv2`, 'convolution', [4 * width, 1, 1, second])),
    ...layer(`${name}.pwconv2`, 'linear', [width, 4 * width]),
    parameter(`${name}.gamma`, 'scale', [width]),
  ];
}

/** Weights, whose first dimension is the output's, and biases. */
function layer(name: string, role: Role, shape: readonly number[]): readonly Parameter[] {
  return [parameter(`${name}.weight`, role, shape), parameter(`${name}.bias`, 'bias', [shape[0]!])];
}

function norm(name: string, width: number): readonly Parameter[] {
  return [parameter(`${name}.weight`, 'norm', [width]), parameter(`${name}.bias`, 'bias', [width])];
}

function parameter(name: string, role: Role, shape: readonly number[]): Parameter {
  return Object.freeze<Parameter>({ kind: 'parameter', name, shape: Object.freeze(shape), role });
}
