import { describe, expect, test } from 'vitest';
import { VARIANTS } from '../../../../runtime/convnext/architecture.js';
import { classifierPlan, featuresPlan } from '../../../../runtime/convnext/plan.js';
import { openCpu } from '../../../../runtime/cpu.js';
import { CPU_FUSION, openCpuPlan } from '../../../../runtime/plan/cpu/open_cpu_plan.js';
import { SMALL_IMAGES, smallExpected, smallWeights, toPlanes } from '../../../support/small_networks.js';

function largestDifference(made: ArrayLike<number>, expected: Float32Array): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - made[i]!)));
}

describe.each(VARIANTS)('the small network %s on the CPU', (variant) => {
  test('is what PyTorch computes, stage by stage', async () => {
    const weights = await smallWeights(variant);
    const expected = await smallExpected(variant);
    const input = await expected('input');
    const spec = { ...SMALL_IMAGES, fusion: CPU_FUSION };
    const device = openCpu({ threads: 2 });
    const features = featuresPlan(weights.config, weights, spec);
    const maps = await (await openCpuPlan(features, device, {})).run(input);
    for (const output of features.outputs) {
      const made = toPlanes(maps.get(output.name)!, output);
      expect(largestDifference(made, await expected(output.name)), output.name).toBeLessThan(1e-5);
    }
    const classifier = classifierPlan(weights.config, weights, spec);
    const { run } = await openCpuPlan(classifier, device, {});
    const logits = (await run(input)).get('logits')!;
    expect(largestDifference(logits, await expected('logits'))).toBeLessThan(1e-5);
  });
});
