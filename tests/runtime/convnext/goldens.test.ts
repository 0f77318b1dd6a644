import { describe, expect, test } from 'vitest';
import { VARIANTS } from '../../../runtime/convnext/architecture.js';
import { classifierPlan, featuresPlan } from '../../../runtime/convnext/plan.js';
import { runReference } from '../../support/plan_reference.js';
import {
  FUSIONS,
  largestError,
  SMALL_IMAGES,
  smallExpected,
  smallWeights,
  toPlanes,
} from '../../support/small_networks.js';

/** The logits that PyTorch computed in float32 agree with float64 to 7e-7. */
const TOLERANCE = 1e-5;

describe.each(VARIANTS)('small %s', (variant) => {
  test.each(FUSIONS)(
    'stages and logits are those of PyTorch, with $normIntoProduct fusion',
    async (fusion) => {
      const [weights, expected] = [await smallWeights(variant), await smallExpected(variant)];
      const images = await expected('input');
      const spec = { ...SMALL_IMAGES, fusion };
      const features = featuresPlan(weights.config, weights, spec);
      const made = await runReference(features, images);
      expect([...made.keys()]).toEqual(['stage0', 'stage1', 'stage2', 'stage3']);
      for (const output of features.outputs) {
        const planes = toPlanes(made.get(output.name)!, output);
        expect(largestError(planes, await expected(output.name)), output.name).toBeLessThan(TOLERANCE);
      }
      const classes = await runReference(classifierPlan(weights.config, weights, spec), images);
      expect(largestError(classes.get('logits')!, await expected('logits'))).toBeLessThan(TOLERANCE);
    },
  );
});
