import { expect, test } from 'vitest';
import { standardConfig } from '../../../runtime/convnext/config.js';
import { classifierPlan } from '../../../runtime/convnext/plan.js';
import { planBuilder } from '../../../runtime/plan/builder.js';
import { gelu, patches } from '../../../runtime/plan/operations.js';
import { stepWork } from '../../../runtime/plan/work.js';
import { fitWeights } from '../../../runtime/weights/model/fit_weights.js';
import { initialWeights } from '../../../runtime/weights/model/initial.js';
import { FUSIONS } from '../../support/small_networks.js';
import { tinyPlan } from '../../support/tiny_plan.js';

test('bytes are those of every array, flops those of the formulas', () => {
  const work = Object.fromEntries(tinyPlan().steps.map((step) => [step.name, stepWork(step)]));
  const pixels = 2 * 6 * 5;
  expect(work).toEqual({
    // Two of five channels at 0 degrees, with three taps, three at 45, where all three fall on the centre.
    stem: { bytes: 4 * (2 * 120 * (3 + 5) + 5 * 6 + 2 * 5), flops: 2 * 120 * (5 * 6 + 2 * (2 * 3 + 3 * 1)) },
    dw: { bytes: 4 * (2 * 120 * 5 + pixels * 5 + 15 + 5), flops: 2 * pixels * (2 * 3 + 3 * 1) },
    norm: { bytes: 4 * (2 * pixels * 5 + 5 + 5), flops: pixels * 5 * (5 + 2 + 5) },
    up: { bytes: 4 * (pixels * (5 + 20) + 100 + 20), flops: pixels * (2 * 5 * 20 + 5 * 5) },
    gelu: { bytes: 4 * 2 * pixels * 20, flops: pixels * 20 * 5 },
    down: { bytes: 4 * (pixels * (20 + 2 * 5) + 100 + 5), flops: pixels * 5 * (40 + 1) },
    patches: { bytes: 4 * (pixels * 5 + 12 * 20), flops: pixels * 5 * 5 },
    pool: { bytes: 4 * (12 * 20 + 2 * 20), flops: 12 * 20 },
    head: { bytes: 4 * (2 * 20 + 2 * 7 + 140 + 7), flops: 2 * (7 * (40 + 5) + 20 * 5) },
  });
});

test('GELU by tanh takes eight operations a number', () => {
  const builder = planBuilder({ batch: 2, height: 4, width: 4 });
  const rows = patches(builder, 'patches', builder.images, { side: 4, normalize: false });
  const { steps } = builder.finish({ y: gelu(builder, 'gelu', rows, 'tanh') });
  expect(stepWork(steps[1]!).flops).toBe(2 * 48 * 8);
});

test('tiny 2d takes 9 billion operations an image, twice the 4.5 billion multiply-adds of ConvNeXt-T, in any fusion', async () => {
  const config = standardConfig('tiny', '2d');
  const weights = await fitWeights(initialWeights(config, 1), config);
  for (const fusion of FUSIONS) {
    const { steps } = classifierPlan(config, weights, { batch: 1, height: 224, width: 224, fusion });
    const flops = steps.reduce((sum, step) => sum + stepWork(step).flops, 0);
    expect(flops / 1e9).toBeCloseTo(9, 1);
  }
});
