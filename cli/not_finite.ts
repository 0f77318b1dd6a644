import { type Checkpoint, checkpoint } from '../runtime/weights/checkpoint.js';
import { shown } from '../runtime/weights/errors.js';
import type { Ui } from './ui.js';

/**
 * The same weights, which say so once when numbers are read off them that are none: NaN is never the likeliest class, so that
 * an accuracy would be wrong without a word.
 */
export function remarked(weights: Checkpoint, ui: Ui): Checkpoint {
  let isSaid = false;
  const tensors = weights.tensors.map((tensor) =>
    Object.freeze({
      ...tensor,
      async read() {
        const numbers = await tensor.read();
        if (!isSaid && !areFinite(numbers)) {
          isSaid = true;
          ui.note(
            `${weights.source}: ${shown(tensor.name)} holds NaN or infinity, and nothing that comes of these weights can be trusted`,
          );
        }
        return numbers;
      },
    }),
  );
  return checkpoint(weights.source, weights.format, tensors);
}

/** Says so where what comes before softmax is not finite, whatever it is due to. */
export function remarkLogits(areAllFinite: boolean, ui: Ui): void {
  if (areAllFinite) return;
  ui.note(
    'some logits are no finite numbers, and so no probabilities: look for NaN or infinity in the weights or the images',
  );
}

/** A loop, since `every` takes four times as long, and a network has millions. */
export function areFinite(numbers: Float32Array): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}
