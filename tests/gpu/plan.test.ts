import { describe, expect, it } from 'vitest';
import { VARIANTS } from '../../runtime/convnext/architecture.js';
import { classifierPlan, featuresPlan } from '../../runtime/convnext/plan.js';
import { cudaFusion, openCudaPlan } from '../../runtime/plan/cuda/open_cuda_plan.js';
import type { Fusion } from '../../runtime/plan/plan.js';
import { onGpu } from '../support/gpu.js';
import {
  FUSIONS,
  largestError,
  SMALL_IMAGES,
  smallExpected,
  smallWeights,
  toPlanes,
} from '../support/small_networks.js';

/** Of float32 in another order than PyTorch's; TF32 keeps 10 bits of a factor's fraction. */
const TOLERANCES = { fp32: 1e-4, tf32: 5e-2 } as const;

const APART: Fusion = {
  normIntoProduct: false,
  geluIntoProduct: false,
  pointwiseIntoConvolution: () => true,
  layoutOf: () => 'nhwc',
};
const PLANES = FUSIONS.find(({ name }) => name === 'planes')!;

onGpu('a small network', (gpu) => {
  const without = { ...gpu, blas: async () => undefined };
  const cases = VARIANTS.flatMap((variant) =>
    (['fp32', 'tf32'] as const).map((products) => [variant, products] as const),
  );
  const spec = { ...SMALL_IMAGES, fusion: APART };

  it.for(cases)('%s is what PyTorch computes, with products in %s', async ([variant, products], { skip }) => {
    if (products === 'tf32' && !(await gpu.blas())) return skip('cuBLASLt is not found');
    const [weights, expected] = [await smallWeights(variant), await smallExpected(variant)];
    const images = await expected('input');
    for (const plan of [
      featuresPlan(weights.config, weights, spec),
      classifierPlan(weights.config, weights, spec),
      classifierPlan(weights.config, weights, { ...spec, fusion: PLANES }),
      featuresPlan(weights.config, weights, { ...spec, fusion: PLANES }),
    ]) {
      const executable = await openCudaPlan(plan, gpu, { products });
      const made = await executable.run(images);
      for (const output of plan.outputs) {
        const array = made.get(output.name)!;
        const planes = output.name === 'logits' ? array : toPlanes(array, output);
        expect(largestError(planes, await expected(output.name)), output.name).toBeLessThan(
          TOLERANCES[products],
        );
      }
      expect(await executable.run(images), 'bit for bit again').toEqual(made);
      const { total, steps } = await executable.profile(3);
      expect(total).toBeGreaterThan(0);
      expect(steps).toHaveLength(plan.steps.length);
      executable.close();
    }
  });

  it.for(VARIANTS)(
    '%s with GELU by tanh is the same in the products and apart',
    async (variant, { skip }) => {
      const fusion = await cudaFusion(gpu, {});
      if (!fusion.geluIntoProduct) return skip('cuBLASLt is not found');
      const [weights, expected] = [await smallWeights(variant), await smallExpected(variant)];
      const logits = async (fusion: Fusion, device = gpu) => {
        const plan = classifierPlan(weights.config, weights, { ...SMALL_IMAGES, fusion, gelu: 'tanh' });
        const executable = await openCudaPlan(plan, device, {});
        const made = (await executable.run(await expected('input'))).get('logits')!;
        executable.close();
        return made;
      };
      const apart = await logits(APART);
      expect(largestError(await logits(fusion), apart)).toBeLessThan(1e-5);
      expect(largestError(await logits(APART, without), apart)).toBeLessThan(1e-5);
      const difference = largestError(apart, await expected('logits'));
      expect(difference).toBeLessThan(5e-3);
      expect(difference, 'more than rounding').toBeGreaterThan(2e-5);
    },
  );

  it.for(['1d', '1dpp'] as const)(
    '%s with its stem in several steps is the same, with cuBLASLt and without',
    async (variant) => {
      const [weights, expected] = [await smallWeights(variant), await smallExpected(variant)];
      const fusion: Fusion = { ...APART, pointwiseIntoConvolution: () => false };
      const plan = classifierPlan(weights.config, weights, { ...SMALL_IMAGES, fusion });
      for (const device of [gpu, without]) {
        const executable = await openCudaPlan(plan, device, {});
        const made = await executable.run(await expected('input'));
        expect(largestError(made.get('logits')!, await expected('logits'))).toBeLessThan(TOLERANCES.fp32);
        executable.close();
      }
    },
  );

  describe('without cuBLASLt', () => {
    it('is the same', async () => {
      const [weights, expected] = [await smallWeights('1d'), await smallExpected('1d')];
      const plan = classifierPlan(weights.config, weights, spec);
      const executable = await openCudaPlan(plan, without, {});
      const made = await executable.run(await expected('input'));
      expect(largestError(made.get('logits')!, await expected('logits'))).toBeLessThan(TOLERANCES.fp32);
      executable.close();
    });
  });
});
