import { Readable } from 'node:stream';
import { ImageError } from '../image/errors.js';

export interface Loading {
  /** Loads an image, [3,side,side]. */
  readonly load: (path: string) => Promise<Float32Array>;
  /** Images that are loaded at a time. */
  readonly width: number;
  /** Told of each image that cannot be read, and of each error in the place of one, in their order; it is left out. */
  readonly onFailure: (error: ImageError) => void;
}

/** An image's numbers, and what it is of. */
interface Loaded<T> {
  readonly planes: Float32Array;
  readonly image: T;
}

/**
 * Images in their order, those that cannot be read left out. A few for each of those that are loaded at a time wait to be
 * taken; no more of them is ever in memory.
 */
export async function* loadedAhead<T extends { readonly path: string }>(
  images: Iterable<T> | AsyncIterable<T | ImageError>,
  { load, width, onFailure }: Loading,
): AsyncGenerator<Loaded<T>> {
  const loading = Readable.from(images, { highWaterMark: 1 }).map(
    async (image: T | ImageError): Promise<Loaded<T> | ImageError> => {
      if (image instanceof ImageError) return image;
      try {
        return { planes: await load(image.path), image };
      } catch (error) {
        if (error instanceof ImageError) return error;
        throw error;
      }
    },
    { concurrency: width },
  );
  for await (const one of loading as AsyncIterable<Loaded<T> | ImageError>)
    if (one instanceof ImageError) onFailure(one);
    else yield one;
}

/** Lays images one behind the other. @returns as many as there were, at most a batch */
export async function fill<T>(
  data: Float32Array,
  loaded: AsyncGenerator<Loaded<T>>,
  batch: number,
): Promise<readonly T[]> {
  const images: T[] = [];
  while (images.length < batch) {
    const next = await loaded.next();
    if (next.done) break;
    const { planes, image } = next.value;
    data.set(planes, images.length * planes.length);
    images.push(image);
  }
  return images;
}
