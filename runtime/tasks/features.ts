import type { Images } from '../model/images.js';
import type { FeatureMap } from '../model/results.js';
import type { Model } from '../model.js';
import { inBatches } from './in_batches.js';

/** What a stage makes of images, in PyTorch's order. */
export interface Planes {
  /** `stage0` to `stage3`. */
  readonly name: string;
  /** [N,C,H,W]. */
  readonly shape: readonly [number, number, number, number];
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * The four stages' features of any number of images.
 * @param most images of one run
 * @throws ModelError, ProblemError, DeviceError
 */
export async function stageFeatures(
  model: Pick<Model, 'features'>,
  images: Images,
  most: number,
): Promise<readonly Planes[]> {
  const made = new Map<string, Planes>();
  await inBatches(images, most, async (part, first) => {
    for (const map of await model.features(part)) {
      const planes = made.get(map.name) ?? emptyPlanes(map, images.batch);
      made.set(map.name, planes);
      toPlanes(map, planes.data.subarray(first * (map.data.length / map.batch)));
    }
  });
  return Object.freeze([...made.values()]);
}

function emptyPlanes({ name, channels, height, width }: FeatureMap, batch: number): Planes {
  const data = new Float32Array(batch * channels * height * width);
  return Object.freeze({ name, shape: [batch, channels, height, width] as const, data });
}

/** [N,H,W,C] to [N,C,H,W]. */
function toPlanes({ data, batch, height, width, channels }: FeatureMap, into: Float32Array): void {
  const pixels = height * width;
  for (let n = 0; n < batch; n++)
    for (let pixel = 0; pixel < pixels; pixel++)
      for (let channel = 0; channel < channels; channel++)
        into[(n * channels + channel) * pixels + pixel] = data[(n * pixels + pixel) * channels + channel]!;
}
