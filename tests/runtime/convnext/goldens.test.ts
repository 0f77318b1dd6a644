import { describe, expect, test } from 'vitest';
import { VARIANTS } from '../../../runtime/convnext/architecture.js';
import { classifierPlan, featuresPlan } from '../../../runtime/convnext/plan.js';
import { naiveNetwork } from '../../support/naive_network.js';
import { runReference } from '../../support/plan_reference.js';
import {
  FUSIONS,
  largestError,
  SMALL_IMAGES,
  smallExpected,
  smallWeights,
  toPlanes,
} from '../../support/small_networks.js';
import { planes } from '../../support/tape.js';

/** The logits that PyTorch computed in float32 agree with float64 to 7e-7. */
const TOLERANCE = 1e-5;

describe.each(VARIANTS)('small %s', (variant) => {
  test.each(FUSIONS)('stages and logits are those of PyTorch, $name', async (fusion) => {
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
  });

  test('with GELU by tanh it is another network, and not by much', async () => {
    const [weights, expected] = [await smallWeights(variant), await smallExpected(variant)];
    const images = await expected('input');
    const { batch, height, width } = SMALL_IMAGES;
    const { logits } = await naiveNetwork(
      weights.checkpoint,
      weights.config,
      planes([batch, 3, height, width], images),
      { gelu: 'tanh' },
    );
    const difference = largestError(logits.data, await expected('logits'));
    expect(difference).toBeLessThan(5e-3);
    expect(difference, 'more than rounding').toBeGreaterThan(2 * TOLERANCE);
    for (const fusion of FUSIONS) {
      const spec = { ...SMALL_IMAGES, fusion, gelu: 'tanh' } as const;
      const made = await runReference(classifierPlan(weights.config, weights, spec), images);
      expect(largestError(made.get('logits')!, logits.data)).toBeLessThan(TOLERANCE);
    }
  });
});
