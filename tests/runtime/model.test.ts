import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { VARIANTS } from '../../runtime/convnext/architecture.js';
import { standardConfig } from '../../runtime/convnext/config.js';
import { type CpuDevice, openCpu } from '../../runtime/cpu.js';
import { ModelError } from '../../runtime/model/errors.js';
import { loadModel, type Model, type ModelProgress } from '../../runtime/model.js';
import { loadWeights } from '../../runtime/weights/load.js';
import { initialWeights } from '../../runtime/weights/model/initial.js';
import { modelConfig } from '../../runtime/weights/model/model_config.js';
import { naiveNetwork } from '../support/naive_network.js';
import { fractions } from '../support/numbers.js';
import { largestError, SMALL_IMAGES, smallExpected, toPlanes } from '../support/small_networks.js';
import { planes } from '../support/tape.js';
import { temporaryFolder } from '../support/temporary_folder.js';
import { FIXTURES, refusal } from '../support/weights.js';

const fixture = (variant: string) => `${FIXTURES}small_${variant}.pth`;

// Where the cache of tests has none of the kernels, they are compiled first.
vi.setConfig({ testTimeout: 300_000 });

let device: CpuDevice;
beforeAll(() => {
  device = openCpu({ threads: 2 });
});

describe.each(VARIANTS)('small %s on the CPU', (variant) => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel({ weights: fixture(variant), device });
  });
  afterAll(() => model.close());

  test('gives the stages and logits that PyTorch does', async () => {
    const expected = await smallExpected(variant);
    const images = { data: await expected('input'), ...SMALL_IMAGES };
    const { logits, batch, classes } = await model.run(images);
    expect([batch, classes]).toEqual([2, 10]);
    expect(largestError(logits, await expected('logits'))).toBeLessThan(1e-5);
    const features = await model.features(images);
    expect(features.map(({ name }) => name)).toEqual(['stage0', 'stage1', 'stage2', 'stage3']);
    for (const map of features)
      expect(largestError(toPlanes(map.data, map), await expected(map.name)), map.name).toBeLessThan(1e-5);
  });

  test('with GELU by tanh gives what float64 does with that', async () => {
    const other = await loadModel({ weights: fixture(variant), device, gelu: 'tanh' });
    const expected = await smallExpected(variant);
    const data = await expected('input');
    const { batch, height, width } = SMALL_IMAGES;
    const naive = await naiveNetwork(
      await loadWeights(fixture(variant)),
      model.config,
      planes([batch, 3, height, width], data),
      { gelu: 'tanh' },
    );
    const { logits } = await other.run({ data, ...SMALL_IMAGES });
    expect(largestError(logits, naive.logits.data)).toBeLessThan(1e-5);
    const difference = largestError(logits, await expected('logits'));
    expect(difference).toBeLessThan(5e-3);
    expect(difference, 'more than rounding').toBeGreaterThan(2e-5);
    await other.close();
  });

  test('takes images of any size', async () => {
    const [batch, height, width] = [1, 61, 39];
    const data = fractions(3 * height * width, 7);
    const naive = await naiveNetwork(
      await loadWeights(fixture(variant)),
      model.config,
      planes([1, 3, height, width], data),
    );
    const made = await model.features({ data, batch, height, width });
    made.forEach((map, stage) => {
      const { data, shape } = naive.stages[stage]!;
      expect([map.batch, map.channels, map.height, map.width]).toEqual(shape);
      expect(largestError(toPlanes(map.data, map), data), map.name).toBeLessThan(1e-5);
    });
    const { logits } = await model.run({ data, batch, height, width });
    expect(largestError(logits, naive.logits.data)).toBeLessThan(1e-5);
  });
});

describe('a model', () => {
  let model: Model;
  const told: ModelProgress[] = [];
  const images = (batch: number, height = 32, seed = 1) => ({
    data: fractions(batch * 3 * height * 32, seed),
    batch,
    height,
    width: 32,
  });
  beforeAll(async () => {
    model = await loadModel({
      weights: fixture('2d'),
      device,
      onProgress: (progress) => told.push(progress),
    });
  });

  test('is read off the weights, and prepared at its first use for images of a size', async () => {
    expect(model.config).toEqual(modelConfig(await loadWeights(fixture('2d'))));
    expect(model.device).toBe(device);
    expect(told).toEqual([]);
    await model.run(images(2));
    const [first, last] = [told[0]!, told.at(-1)!];
    expect(first).toMatchObject({
      text: 'preparing 2d [1,2,1,1] x [12,20,36,52] with 10 classes for 2 images of 32x32',
      done: 1,
    });
    expect(last.done).toBe(last.total);
    const before = told.length;
    await model.run(images(2));
    expect(told).toHaveLength(before);
    await model.run(images(1));
    expect(told.at(-1)!.text).toMatch(/for 1 image of 32x32$/);
  });

  test('gives calls that overlap what each alone would get, though more sizes come than are kept', async () => {
    const asked = [1, 2, 3, 4, 5, 6].map((batch) => images(batch, 32, batch));
    const alone: Float32Array[] = [];
    for (const one of asked) alone.push((await model.run(one)).logits);
    const together = await Promise.all([...asked, ...asked].map((one) => model.run(one)));
    expect(together.map(({ logits }) => logits)).toEqual([...alone, ...alone]);
    const maps = await Promise.all(asked.map((one) => model.features(one)));
    expect(maps.map(([map]) => map!.batch)).toEqual(asked.map(({ batch }) => batch));
  });

  test('takes images as they are at the call, whatever becomes of their array', async () => {
    const { data, ...extent } = images(2, 64, 5);
    const [expected, maps] = [
      await model.run({ data, ...extent }),
      await model.features({ data, ...extent }),
    ];
    const mine = Float32Array.from(data);
    const before = model.run(images(2, 64)); // has its turn first
    const given = { data: mine, ...extent };
    const [logits, features] = [model.run(given), model.features(given)];
    mine.fill(Number.NaN);
    Object.assign(given, { batch: 7 });
    expect(await logits).toEqual(expected);
    expect(await features).toEqual(maps);
    await before;
  });

  test('takes numbers alone as they are at the call', async () => {
    const mine = fractions(3 * 224 * 224, 3);
    const expected = await model.run(mine);
    const logits = model.run(mine);
    mine.fill(Number.NaN);
    expect(await logits).toEqual(expected);
  });

  test('of images that are lent it takes what is in their array when it comes to them', async () => {
    const [one, other] = [images(1, 64, 5), images(1, 64, 6)];
    const expected = await model.run(other);
    const mine = Float32Array.from(one.data);
    const logits = model.run({ ...one, data: mine, lent: true });
    mine.set(other.data);
    expect(await logits).toEqual(expected);
  });

  test('goes on after a call that was refused', async () => {
    const tooSmall = model.run(images(1, 8));
    const fine = model.run(images(1));
    await expect(tooSmall).rejects.toThrow(/an image of this variant has at least 32x32/);
    await expect(fine).resolves.toHaveProperty('classes', 10);
  });

  test('is timed step by step, beside what each has to move', async () => {
    const { total, steps, copyRate, bytes } = await model.profile({
      batch: 2,
      height: 64,
      width: 64,
      rounds: 3,
    });
    expect(total).toBeGreaterThan(0);
    expect(steps.map(({ name }) => name)).toContain('stages.1.1.dwconv');
    for (const step of steps) {
      expect(step.time).toBeGreaterThan(0);
      expect(step.floor).toBeCloseTo((1e6 * step.bytes) / copyRate, 9);
      expect(step.kernel).not.toBe('');
    }
    expect(copyRate).toBeGreaterThan(1e8);
    expect(bytes).toBeGreaterThan(4 * steps.length);
  });

  test.each([
    [
      'numbers of no image',
      () => new Float32Array(100),
      /^images-length .*numbers alone are images of 3x224x224/,
    ],
    ['no numbers', () => new Float32Array(0), /^images-length /],
    ['a batch of none', () => ({ ...images(1), batch: 0 }), /^images-batch 0: batch of images must be/],
    ['half a pixel', () => ({ ...images(1), width: 0.5 }), /^images-width 0\.5: width of images/],
    [
      'fewer numbers than it says',
      () => ({ ...images(1), batch: 2 }),
      /^images-length .*6144 elements, \[2, 3, 32, 32\]/,
    ],
  ])('refuses %s', async (_, given, message) => {
    for (const call of [model.run, model.features]) expect(await refusal(call(given()))).toMatch(message);
  });

  test('gives its memory back once all calls are done, and takes no more', async () => {
    const last = model.run(images(1));
    const closed = model.close();
    await expect(model.run(images(1))).rejects.toThrow(ModelError);
    expect(await refusal(model.features(images(1)))).toMatch(
      /^model-closed '.*small_2d\.pth': this model was closed/,
    );
    await expect(last).resolves.toHaveProperty('batch', 1);
    await closed;
    await model.close();
  });
});

describe('loading', () => {
  test('takes weights that were made, and finds the size', async () => {
    const weights = initialWeights(standardConfig('tiny', '1d', 10), 1);
    const model = await loadModel({ weights, size: 'tiny', variant: '1d', device });
    expect(model.config.classes).toBe(10);
    await model.close();
  });

  test.each([
    [
      'another variant',
      { variant: '1d' as const },
      /^weights-other .*small_2d\.pth': holds weights of variant 2d, and 1d was asked for/,
    ],
    [
      'another size',
      { size: 'base' as const },
      /^weights-other .*holds weights of neither tiny nor base but \[1,2,1,1\] x \[12,20,36,52\], and base/,
    ],
    ['an average that is not there', { which: 'ema' as const }, /^ema-missing /],
  ])('refuses %s', async (_, options, message) => {
    expect(await refusal(loadModel({ weights: fixture('2d'), device, ...options }))).toMatch(message);
  });

  test('refuses a file that is not there', async () => {
    const path = join(temporaryFolder(), 'absent.pth');
    expect(await refusal(loadModel({ weights: path, device }))).toMatch(/^weights-.*absent\.pth/);
  });
});
