import { availableParallelism } from 'node:os';
import type { DecodeOptions } from '../image/decode.js';
import type { ImageError } from '../image/errors.js';
import { loadImage } from '../image/load_image.js';
import { imageElements } from '../image/normalize.js';
import type { Images } from '../model/images.js';
import type { Logits } from '../model/results.js';
import type { Model } from '../model.js';
import { inBatches } from './in_batches.js';
import { fill, loadedAhead } from './loaded_images.js';

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
 * Classifies image files, a batch of them at a time, while the next are loaded. Those that cannot be read are left out, and
 * others take their places in a batch.
 * @throws ModelError, ProblemError, DeviceError
 */
export async function classifyFiles(
  model: Pick<Model, 'run'>,
  paths: readonly string[],
  { most, onFailure, ...options }: FilesOptions,
): Promise<ClassifiedFiles> {
  const { side } = options;
  const one = imageElements(side);
  const data = new Float32Array(Math.min(most, paths.length) * one);
  const load = (path: string) => loadImage(path, options);
  const images = paths.map((path) => ({ path }));
  const loaded = loadedAhead(images, { load, width: availableParallelism(), onFailure });
  const parts: Logits[] = [];
  const read: string[] = [];
  try {
    for (;;) {
      const filled = await fill(data, loaded, most);
      const batch = filled.length;
      const planes = data.subarray(0, batch * one);
      if (batch > 0)
        parts.push(await model.run({ data: planes, batch, height: side, width: side, lent: true }));
      read.push(...filled.map(({ path }) => path));
      if (batch < most) return Object.freeze({ ...joined(parts), paths: read });
    }
  } finally {
    await loaded.return(undefined);
  }
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
