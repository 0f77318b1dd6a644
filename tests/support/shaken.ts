import type { ModelConfig } from '../../runtime/convnext/config.js';
import { type Checkpoint, checkpoint } from '../../runtime/weights/checkpoint.js';
import { initialWeights } from '../../runtime/weights/model/initial.js';
import { fractions } from './numbers.js';

/** Weights of which none is 0 or 1 and every layer matters, as after training; directions stay the paper's. */
export function shaken(config: ModelConfig): Checkpoint {
  const tensors = initialWeights(config, 1).tensors.map((tensor, seed) => ({
    ...tensor,
    read: async () => {
      const initial = await tensor.read();
      if (tensor.name.endsWith('.theta')) return initial;
      const noise = fractions(initial.length, seed + 1);
      const inner = tensor.shape.slice(1).reduce((product, size) => product * size, 1);
      return initial.map((value, i) =>
        tensor.shape.length === 1 ? value + noise[i]! / 2 : noise[i]! / Math.sqrt(inner),
      );
    },
  }));
  return checkpoint('shaken', 'initial', tensors);
}
