import { expect, test } from 'vitest';
import { VARIANTS } from '../../runtime/convnext/architecture.js';
import { loadModel } from '../../runtime/model.js';
import { onGpu } from '../support/gpu.js';
import { largestError, SMALL_IMAGES, smallExpected, toPlanes } from '../support/small_networks.js';
import { FIXTURES } from '../support/weights.js';

/** TF32 rounds what it multiplies to 11 bits. */
const TOLERANCES = { fp32: 1e-4, tf32: 5e-2 } as const;

onGpu('models', (device) => {
  test.each(
    VARIANTS.flatMap((variant) => (['fp32', 'tf32'] as const).map((products) => ({ variant, products }))),
  )('small $variant in $products gives what PyTorch does, twice the same', async ({ variant, products }) => {
    const model = await loadModel({ weights: `${FIXTURES}small_${variant}.pth`, device, products });
    const expected = await smallExpected(variant);
    const images = { data: await expected('input'), ...SMALL_IMAGES };
    const { logits } = await model.run(images);
    expect(largestError(logits, await expected('logits'))).toBeLessThan(TOLERANCES[products]);
    expect((await model.run(images)).logits).toEqual(logits);
    for (const map of await model.features(images)) {
      const planes = toPlanes(map.data, map);
      expect(largestError(planes, await expected(map.name)), map.name).toBeLessThan(TOLERANCES[products]);
    }
    const { steps, total } = await model.profile({ ...SMALL_IMAGES, rounds: 3 });
    expect(total).toBeGreaterThan(0);
    expect(steps.every(({ time }) => time > 0)).toBe(true);
    await model.close();
  });

  test('GELU by tanh is inside of products, where there is cuBLASLt', async ({ skip }) => {
    if (!(await device.blas())) return skip('cuBLASLt is not found');
    const model = await loadModel({ weights: `${FIXTURES}small_1d.pth`, device, gelu: 'tanh' });
    const expected = await smallExpected('1d');
    const { logits } = await model.run({ data: await expected('input'), ...SMALL_IMAGES });
    const difference = largestError(logits, await expected('logits'));
    expect(difference).toBeLessThan(5e-3);
    expect(difference, 'more than rounding').toBeGreaterThan(2e-5);
    const { steps } = await model.profile({ ...SMALL_IMAGES, rounds: 3 });
    expect(steps.filter(({ kernel }) => kernel.startsWith('gelu'))).toEqual([]);
    expect(steps.filter(({ kernel }) => kernel.endsWith('with GELU'))).toHaveLength(5);
    await model.close();
  });
});
