import { availableParallelism } from 'node:os';
import type { DecodeOptions } from '../image/decode.js';
import { ImageError } from '../image/errors.js';
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

export interface FilesOptions extends DecodeOptions {
  /** Images of one run. */
  readonly most: number;
  /** Told of each image that cannot be read, in their order, and is left out. */
  readonly onFailure: (error: ImageError) => void;
}

export interface ClassifiedFiles extends Logits {
  /** Of the images that logits are of. */
  readonly paths: readonly string[];
}

/**
 * Classifies image files, a batch of them at a time: no more are in memory. Those that cannot be read are left out, and others
 * take their places in a batch.
 * @throws ModelError, ProblemError, DeviceError
 */
export async function classifyFiles(
  model: Pick<Model, 'run'>,
  paths: readonly string[],
  { most, onFailure, ...options }: FilesOptions,
): Promise<ClassifiedFiles> {
  const { side } = options;
  const one = imageElements(side);
  const parts: Logits[] = [];
  const read: string[] = [];
  for (let next = 0; next < paths.length; ) {
    const data = new Float32Array(Math.min(most, paths.length - next) * one);
    let batch = 0;
    while (batch < most && next < paths.length) {
      const some = paths.slice(next, next + most - batch);
      next += some.length;
      const loaded = await sideBySide(some, availableParallelism(), (path) => imageOrError(path, options));
      for (const [i, image] of loaded.entries()) {
        if (image instanceof ImageError) {
          onFailure(image);
          continue;
        }
        data.set(image, batch++ * one);
        read.push(some[i]!);
      }
    }
    const planes = data.subarray(0, batch * one);
    if (batch > 0)
      parts.push(await model.run({ data: planes, batch, height: side, width: side, lent: true }));
  }
  return Object.freeze({ ...joined(parts), paths: read });
}

function imageOrError(path: string, options: DecodeOptions): Promise<Float32Array | ImageError> {
  return loadImage(path, options).catch((error: unknown) => {
    if (error instanceof ImageError) return error;
    throw error;
  });
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
