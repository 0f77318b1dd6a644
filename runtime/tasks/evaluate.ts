import { Readable } from 'node:stream';
import { ImageError } from '../image/errors.js';
import { imageElements } from '../image/normalize.js';
import type { Model } from '../model.js';
import { tensor } from '../tensor.js';
import { turns } from '../turns.js';
import type { LabelledImage } from './image_folder.js';
import { type Score, Scoring } from './score.js';

/** As much of a model as classifies. */
export type Classifier = Pick<Model, 'run'>;

export interface Evaluation {
  /** Several are on a device each, and share the work. */
  readonly models: readonly Classifier[];
  /** Images of one run. */
  readonly batch: number;
  /** Pixels of the square that an image becomes. */
  readonly side: number;
  /** Loads an image, [3,side,side]. */
  readonly load: (path: string) => Promise<Float32Array>;
  /** Images that are loaded at a time. */
  readonly width: number;
  /** Told of each image, or folder of images, that cannot be read, and is left out. */
  readonly onFailure?: (error: ImageError) => void;
}

export interface Evaluated extends Score {
  /** Images that could not be read, and folders, one each. */
  readonly failed: number;
  /** From the first image on, once the models are prepared. */
  readonly seconds: number;
}

/**
 * Classifies labelled images. Loading goes on while models run: each has a batch that runs and one that is being filled, and
 * a few images for each of those that are loaded at a time wait to be taken; no more of them is ever in memory. The last batch is
 * run with what an earlier one has left behind its images, so that one preparation is enough.
 * @param images or errors in the place of those that are not to be had, such as all of a folder
 * @throws DeviceError; what else reading the images' names fails with; the first failure ends it
 */
export async function evaluate(
  images: AsyncIterable<LabelledImage | ImageError>,
  of: Evaluation,
): Promise<Evaluated> {
  const { models, batch, side } = of;
  const zeros = tensor(batch * imageElements(side));
  const extent = { batch, height: side, width: side, lent: true };
  await Promise.all(models.map((model) => model.run({ ...extent, data: zeros })));

  const start = performance.now();
  const scoring = new Scoring();
  let failed = 0;
  const loaded = loadedAhead(images, of, () => failed++);
  const inTurn = turns(); // one batch is filled after the other, so that the first can run while the second is filled
  const lane = async (model: Classifier) => {
    const data = new Float32Array(zeros.length);
    for (;;) {
      const labels = await inTurn(() => fill(data, loaded, batch));
      if (labels.length > 0) score(await model.run({ ...extent, data }), labels, scoring);
      if (labels.length < batch) return;
    }
  };
  try {
    await Promise.all(models.flatMap((model) => [lane(model), lane(model)]));
  } finally {
    await loaded.return(undefined);
  }
  return Object.freeze({ ...scoring.score(), failed, seconds: (performance.now() - start) / 1e3 });
}

interface Loaded {
  readonly planes: Float32Array;
  readonly label: number;
}

/** In the order of the images, those that cannot be read left out. */
async function* loadedAhead(
  images: AsyncIterable<LabelledImage | ImageError>,
  { load, width, onFailure }: Evaluation,
  count: () => void,
): AsyncGenerator<Loaded> {
  const loading = Readable.from(images, { highWaterMark: 1 }).map(
    async (image: LabelledImage | ImageError): Promise<Loaded | ImageError> => {
      if (image instanceof ImageError) return image;
      const { path, label } = image;
      try {
        return { planes: await load(path), label };
      } catch (error) {
        if (error instanceof ImageError) return error;
        throw error;
      }
    },
    { concurrency: width },
  );
  for await (const one of loading as AsyncIterable<Loaded | ImageError>) {
    if (!(one instanceof ImageError)) {
      yield one;
      continue;
    }
    count();
    onFailure?.(one);
  }
}

/** @returns the labels of as many images as there were, at most a batch */
async function fill(
  data: Float32Array,
  loaded: AsyncGenerator<Loaded>,
  batch: number,
): Promise<readonly number[]> {
  const labels: number[] = [];
  while (labels.length < batch) {
    const next = await loaded.next();
    if (next.done) break;
    const { planes, label } = next.value;
    data.set(planes, labels.length * planes.length);
    labels.push(label);
  }
  return labels;
}

function score(
  { logits, classes }: Awaited<ReturnType<Classifier['run']>>,
  labels: readonly number[],
  scoring: Scoring,
): void {
  for (const [i, label] of labels.entries())
    scoring.add(logits.subarray(i * classes, (i + 1) * classes), label);
}
