import type { ModelSize, Variant } from '../convnext/architecture.js';
import { type ModelConfig, modelName } from '../convnext/config.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { refuse } from '../weights/errors.js';
import { modelConfig } from '../weights/model/model_config.js';

/** Which network is wanted; what is not said, the weights tell. */
export interface Choice {
  readonly size: ModelSize | 'auto';
  readonly variant: Variant | 'auto';
}

/** The network that weights are of. @throws WeightsError if it is another one than was asked for, or none */
export function chosenConfig(checkpoint: Checkpoint, { size, variant }: Choice): ModelConfig {
  const config = modelConfig(checkpoint);
  const held = modelName(config) ?? `neither tiny nor base but [${config.depths}] x [${config.widths}]`;
  if (variant !== 'auto' && variant !== config.variant)
    other(checkpoint, `variant ${config.variant}, and ${variant} was asked for`);
  if (size !== 'auto' && size !== held) other(checkpoint, `${held}, and ${size} was asked for`);
  return config;
}

function other({ source }: Checkpoint, what: string): never {
  return refuse(
    source,
    'weights-other',
    `holds weights of ${what}`,
    'name the size and variant that it was saved from, or leave them to be read off it',
  );
}
