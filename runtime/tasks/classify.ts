import { availableParallelism } from 'node:os';
import type { DecodeOptions } from '../image/decode.js';
import { loadImage } from '../image/load_image.js';
import { imageElements } from '../image/normalize.js';
import type { Images } from '../model/images.js';
import type { Logits } from '../model/results.js';
import type { Model } from '../model.js';
import { sideBySide } from '../side_by_side.js';
import { inBatches } from './in_batches.js';

/**
 * Classifies any number of images.
 * @param most images of one run
 * @throws ModelError, ProblemError, DeviceError
 */
export async function classify(model: Pick<Model, 'run'>, images: Images, most: number): Promise<Logits> {
  const parts: Logits[] = [];
  await inBatches(images, most, async (part) => void parts.push(await model.run(part)));
  return joined(parts);
}

/**
 * Classifies image files, a batch of them at a time: no more are in memory.
 * @throws ImageError if one cannot be read; ModelError, ProblemError, DeviceError
 */
export async function classifyFiles(
  model: Pick<Model, 'run'>,
  paths: readonly string[],
  most: number,
  options: DecodeOptions,
): Promise<Logits> {
  const { side } = options;
  const one = imageElements(side);
  const parts: Logits[] = [];
  for (let first = 0; first < paths.length; first += most) {
    const batch = paths.slice(first, first + most);
    const loaded = await sideBySide(batch, availableParallelism(), (path) => loadImage(path, options));
    const data = new Float32Array(batch.length * one);
    for (const [i, planes] of loaded.entries()) data.set(planes, i * one);
    parts.push(await model.run({ data, batch: batch.length, height: side, width: side, lent: true }));
  }
  return joined(parts);
}

function joined(parts: readonly Logits[]): Logits {
  const classes = parts[0]?.classes ?? 0;
  const batch = parts.reduce((sum, part) => sum + part.batch, 0);
  const logits = new Float32Array(batch * classes);
  let start = 0;
  for (const part of parts) {
    logits.set(part.logits, start);
    start += part.logits.length;
  }
  return Object.freeze({ logits, batch, classes });
}
