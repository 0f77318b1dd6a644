import type { ModelConfig } from '../../runtime/convnext/config.js';
import { type Checkpoint, checkpoint } from '../../runtime/weights/checkpoint.js';
import { initialWeights } from '../../runtime/weights/model/initial.js';

const SEED = 1;

/**
 * Weights to compare networks by: those to train from, but with layer scale 1. At its initial 1e-6 no block would show in the
 * logits, and a wrong one would pass.
 */
export function benchWeights(config: ModelConfig): Checkpoint {
  const { source, format, tensors } = initialWeights(config, SEED);
  return checkpoint(
    source,
    format,
    tensors.map((tensor) =>
      tensor.name.endsWith('.gamma')
        ? Object.freeze({ ...tensor, read: async () => new Float32Array(tensor.shape[0]!).fill(1) })
        : tensor,
    ),
  );
}
