import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageError } from '../../../runtime/image/errors.js';
import { loadImage } from '../../../runtime/image/load_image.js';
import type { Images } from '../../../runtime/model/images.js';
import { classify, classifyFiles } from '../../../runtime/tasks/classify.js';
import { stageFeatures } from '../../../runtime/tasks/features.js';
import { stepGroups } from '../../../runtime/tasks/step_group.js';
import { imageFixture } from '../../support/image_files.js';

const sizes = {
  batch: fc.integer({ min: 1, max: 7 }),
  height: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 1, max: 4 }),
};
const many = fc.record({ ...sizes, most: fc.integer({ min: 1, max: 8 }) });
const imagesOf = ({ batch, height, width }: Omit<Images, 'data'>): Images => ({
  data: Float32Array.from({ length: batch * 3 * height * width }, (_, i) => i),
  batch,
  height,
  width,
});

test('images of many batches have the logits that they have alone, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(many, async ({ most, ...extent }) => {
      const runs: number[] = [];
      const run = async (given: Images | Float32Array) => {
        const { data, batch } = given as Images;
        runs.push(batch);
        const one = data.length / batch;
        // Its first number and its last.
        const logits = Float32Array.from(
          { length: 2 * batch },
          (_, i) => data[(i >> 1) * one + (i % 2) * (one - 1)]!,
        );
        return { logits, batch, classes: 2 };
      };
      const images = imagesOf(extent);
      const one = images.data.length / images.batch;
      const { logits, batch, classes } = await classify({ run }, images, most);
      expect({ batch, classes }).toEqual({ batch: extent.batch, classes: 2 });
      expect([...logits]).toEqual(
        Array.from({ length: batch }, (_, n) => [n * one, (n + 1) * one - 1]).flat(),
      );
      expect(Math.max(...runs)).toBe(Math.min(most, extent.batch));
      expect(runs.length).toBe(Math.ceil(extent.batch / most));
    }),
  );
});

test('of files, those that cannot be read leave no gap in a batch', async () => {
  const files = fc.array(fc.constantFrom('wide.png', 'tall.png', 'none.png', 'gone.png'), { maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 4 }), async (names, most) => {
      const runs: number[] = [];
      const run = async (given: Images | Float32Array) => {
        const { data, batch } = given as Images;
        runs.push(batch);
        const one = data.length / batch;
        return { logits: Float32Array.from({ length: batch }, (_, i) => data[i * one]!), batch, classes: 1 };
      };
      const paths = names.map(imageFixture);
      const isThere = (path: string) => !/(none|gone)\.png$/.test(path);
      const sound = paths.filter(isThere);
      const failed: unknown[] = [];
      const onFailure = ({ value }: ImageError) => failed.push(value);
      const made = await classifyFiles({ run }, paths, { most, side: 4, upright: true, onFailure });
      expect(made.paths).toEqual(sound);
      expect(failed).toEqual(paths.filter((path) => !isThere(path)));
      const first = async (path: string) => (await loadImage(path, { side: 4 }))[0]!;
      expect([...made.logits]).toEqual(await Promise.all(sound.map(first)));
      const left = sound.length % most;
      const full = new Array<number>(Math.floor(sound.length / most)).fill(most);
      expect(runs).toEqual(left > 0 ? [...full, left] : full);
    }),
    { numRuns: 40 },
  );
});

test('features are planes, of all batches together', async () => {
  await fc.assert(
    fc.asyncProperty(many, async ({ most, ...extent }) => {
      const { batch, height, width } = extent;
      // A stage that gives back the images, in a device's order.
      const features = async (given: Images | Float32Array) => {
        const images = given as Images;
        const pixels = height * width;
        const data = Float32Array.from(images.data, (_, i) => {
          const [n, rest] = [Math.floor(i / (3 * pixels)), i % (3 * pixels)];
          return images.data[n * 3 * pixels + (rest % 3) * pixels + Math.floor(rest / 3)]!;
        });
        return [{ name: 'stage0', data, batch: images.batch, height, width, channels: 3 }];
      };
      const images = imagesOf(extent);
      const [stage] = await stageFeatures({ features }, images, most);
      expect(stage).toEqual({ name: 'stage0', shape: [batch, 3, height, width], data: images.data });
    }),
  );
});

test('alike steps of a stage are one group, whose numbers add up', () => {
  const step = (name: string, kernel: string, time: number) => ({
    ...{ name, kernel, time },
    ...{ floor: time / 2, flops: 10 * time, bytes: 100 * time },
  });
  const steps = [
    step('downsample_layers.0.dw1', 'a', 1),
    step('stages.0.0.dwconv', 'b', 2),
    step('stages.0.0.pwconv1', 'c', 3),
    step('stages.0.1.dwconv', 'd', 4),
    step('stages.0.10.dwconv', 'b', 5),
    step('stages.1.0.dwconv', 'b', 6),
  ];
  expect(
    stepGroups(steps).map(({ name, kernels, time, floor, flops, bytes }) => [
      name,
      kernels,
      time,
      floor,
      flops,
      bytes,
    ]),
  ).toEqual([
    ['downsample_layers.0.dw1', ['a'], 1, 0.5, 10, 100],
    ['stages.0.dwconv', ['b', 'd'], 11, 5.5, 110, 1100],
    ['stages.0.pwconv1', ['c'], 3, 1.5, 30, 300],
    ['stages.1.dwconv', ['b'], 6, 3, 60, 600],
  ]);
});
