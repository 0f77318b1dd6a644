import type { ImageError } from '../image/errors.js';
import { imageElements } from '../image/normalize.js';
import type { Model } from '../model.js';
import { tensor } from '../tensor.js';
import { turns } from '../turns.js';
import type { LabelledImage } from './image_folder.js';
import { fill, type Loading, loadedAhead } from './loaded_images.js';
import { type Score, Scoring } from './score.js';

/** As much of a model as classifies. */
export type Classifier = Pick<Model, 'run'>;

export interface Evaluation extends Omit<Loading, 'onFailure'> {
  /** Several are on a device each, and share the work. */
  readonly models: readonly Classifier[];
  /** Images of one run. */
  readonly batch: number;
  /** Pixels of the square that an image becomes. */
  readonly side: number;
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
 * a few images wait to be taken, see {@link loadedAhead}. The last batch is run with what an earlier one has left behind its images, so that one preparation is enough.
 * @param images or errors in the place of those that are not to be had, such as all of a folder
 * @throws DeviceError; what else reading the images' names fails with; the first failure ends it
 */
export async function evaluate(
  images: AsyncIterable<LabelledImage | ImageError>,
  of: Evaluation,
): Promise<Evaluated> {
  const { models, batch, side, onFailure } = of;
  const zeros = tensor(batch * imageElements(side));
  const extent = { batch, height: side, width: side, lent: true };
  await Promise.all(models.map((model) => model.run({ ...extent, data: zeros })));

  const start = performance.now();
  const scoring = new Scoring();
  let failed = 0;
  const loaded = loadedAhead(images, {
    ...of,
    onFailure(error) {
      failed++;
      onFailure?.(error);
    },
  });
  const inTurn = turns(); // one batch is filled after the other, so that the first can run while the second is filled
  const lane = async (model: Classifier) => {
    const data = new Float32Array(zeros.length);
    for (;;) {
      const filled = await inTurn(() => fill(data, loaded, batch));
      if (filled.length > 0) score(await model.run({ ...extent, data }), filled, scoring);
      if (filled.length < batch) return;
    }
  };
  try {
    await Promise.all(models.flatMap((model) => [lane(model), lane(model)]));
  } finally {
    await loaded.return(undefined);
  }
  return Object.freeze({ ...scoring.score(), failed, seconds: (performance.now() - start) / 1e3 });
}

function score(
  { logits, classes }: Awaited<ReturnType<Classifier['run']>>,
  images: readonly LabelledImage[],
  scoring: Scoring,
): void {
  for (const [i, { label }] of images.entries())
    scoring.add(logits.subarray(i * classes, (i + 1) * classes), label);
}
