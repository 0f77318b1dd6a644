import { type ModelConfig, modelName } from '../../convnext/config.js';
import type { Checkpoint, NamedTensor } from '../checkpoint.js';
import { refuse } from '../errors.js';
import { requireMatch } from './mismatch.js';
import { radians, type Theta, thetaList } from './parameters.js';

/** A checkpoint and a network that it fits: every parameter is there, in its shape, and every direction agrees. */
export interface FittedWeights {
  readonly kind: 'fitted-weights';
  readonly config: ModelConfig;
  readonly checkpoint: Checkpoint;
  /** A parameter's tensor. @throws Error if the network has none of that name: a mistake of the program's */
  tensor(name: string): NamedTensor;
}

/**
 * Checks a checkpoint against a network. Nothing is read but the directions.
 * @throws WeightsError that names the tensors that are missing, left over or of another shape, or a layer whose
 * directions are others than the network's
 */
export async function fitWeights(checkpoint: Checkpoint, config: ModelConfig): Promise<FittedWeights> {
  requireMatch(checkpoint, config, networkName(config));
  for (const theta of thetaList(config)) await requireDirections(checkpoint, theta);
  return Object.freeze<FittedWeights>({
    kind: 'fitted-weights',
    config,
    checkpoint,
    tensor: (name) => {
      const tensor = checkpoint.find(name);
      if (tensor === undefined) throw new Error(`the network has no parameter '${name}'`);
      return tensor;
    },
  });
}

/**
 * Radians. A float32 of about pi is exact to 2.4e-7, and a turn by this much moves no tap: the 31st would go by 1.5e-5
 * of a pixel.
 */
const TOLERANCE = 1e-6;

async function requireDirections(checkpoint: Checkpoint, { name, layer }: Theta): Promise<void> {
  const held = await checkpoint.find(name)!.read();
  const wanted = radians(layer);
  const channel = wanted.findIndex((angle, i) => !(Math.abs(held[i]! - angle) <= TOLERANCE));
  if (channel < 0) return;
  refuse(
    checkpoint.source,
    'weights-theta',
    `turns channel ${channel} of ${layer.name} by ${held[channel]} where the network has ${wanted[channel]} radians`,
    'use weights that were trained with the directions of the paper, eight of them, turned by 90 degrees in odd blocks',
  );
}

/** `1d tiny with 1000 classes` */
export function networkName(config: ModelConfig): string {
  const { variant, depths, widths, classes } = config;
  const size = modelName(config) ?? `[${depths}] x [${widths}]`;
  return `${variant} ${size} with ${classes} classes`;
}
