import { describe, expect, test } from 'vitest';
import { VARIANTS, type Variant } from '../../../runtime/convnext/architecture.js';
import { modelConfigOf } from '../../../runtime/convnext/config.js';
import { classifierPlan, featuresPlan } from '../../../runtime/convnext/plan.js';
import { fitWeights } from '../../../runtime/weights/model/fit_weights.js';
import { naiveNetwork } from '../../support/naive_network.js';
import { fractions } from '../../support/numbers.js';
import { runReference } from '../../support/plan_reference.js';
import { shaken } from '../../support/shaken.js';
import { FUSIONS, largestError, toPlanes } from '../../support/small_networks.js';
import { planes } from '../../support/tape.js';

/** A network that is quick in float64, of lengths of kernels and numbers of channels that nothing divides. */
function shrunken(variant: Variant) {
  const second = variant.endsWith('pp') ? [31, 9, 5, 3] : null;
  const first = variant.startsWith('1d') ? [15, 31, 9, 5] : [7, 5, 3, 7];
  const sizes = { depths: [1, 2, 1, 1], widths: [3, 4, 5, 7], classes: 7, stemWidth: 3, stemKernel: 13 };
  return modelConfigOf({ ...sizes, variant, kernels: { first, second } });
}

/** Rounding of folded parameters to float32 is all that is between the two. */
const TOLERANCE = 2e-6;

describe.each(VARIANTS)('%s', (variant) => {
  test.each([
    [250, 333, 1],
    [37, 50, 2],
    [61, 95, 1],
    [33, 33, 1],
  ])('on images of %ix%i is the network as the paper has it', async (height, width, batch) => {
    const config = shrunken(variant);
    const checkpoint = shaken(config);
    const weights = await fitWeights(checkpoint, config);
    const images = fractions(batch * 3 * height * width, 5);
    const naive = await naiveNetwork(checkpoint, config, planes([batch, 3, height, width], images));
    for (const fusion of height > 100 ? FUSIONS.slice(0, 1) : FUSIONS) {
      const spec = { batch, height, width, fusion };
      const features = featuresPlan(config, weights, spec);
      const made = await runReference(features, images);
      features.outputs.forEach((output, stage) => {
        const { height, width, channels } = output;
        const expected = naive.stages[stage]!;
        expect([batch, channels, height, width]).toEqual(expected.shape);
        expect(
          largestError(toPlanes(made.get(output.name)!, output), expected.data),
          output.name,
        ).toBeLessThan(TOLERANCE);
      });
      const { logits } = Object.fromEntries(
        await runReference(classifierPlan(config, weights, spec), images),
      );
      expect(largestError(logits!, naive.logits.data)).toBeLessThan(TOLERANCE);
    }
  });
});
