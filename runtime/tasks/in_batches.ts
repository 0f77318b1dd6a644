import type { Images } from '../model/images.js';

/**
 * Runs many images a batch at a time; the last batch has what is left.
 * @param action is given images that share memory with all of them, which it may have until it is done, and the number of the first
 */
export async function inBatches(
  { data, batch, height, width }: Images,
  most: number,
  action: (images: Images, first: number) => Promise<void>,
): Promise<void> {
  const one = data.length / batch;
  for (let first = 0; first < batch; first += most) {
    const count = Math.min(most, batch - first);
    const part = data.subarray(first * one, (first + count) * one);
    await action({ data: part, batch: count, height, width, lent: true }, first);
  }
}
