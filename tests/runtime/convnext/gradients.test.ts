import { beforeAll, describe, expect, test } from 'vitest';
import { problem } from '../../../generator/problem.js';
import { layerProblem, VARIANTS } from '../../../runtime/convnext/architecture.js';
import { configLayers, type ModelConfig } from '../../../runtime/convnext/config.js';
import { type CpuDevice, openCpu } from '../../../runtime/cpu.js';
import type { Gradient } from '../../../runtime/gradient.js';
import { type DepthwiseBack, naiveNetwork } from '../../support/naive_network.js';
import {
  largestError,
  SMALL_IMAGES,
  smallExpected,
  smallGradients,
  smallWeights,
  toMaps,
  toPlanes,
} from '../../support/small_networks.js';
import { planes } from '../../support/tape.js';

const LABELS = [3, 7];

/** Of the largest value: PyTorch's gradients agree with float64 to 1e-6. */
const TOLERANCE = 5e-6;

let cpu: CpuDevice;
beforeAll(() => {
  cpu = openCpu({ threads: 2 });
});

/** The CPU's gradients of a depthwise convolution. */
interface Gradients {
  readonly backward: Gradient;
  readonly wgrad: Gradient;
}

/** By the names of the layers. */
async function gradientsOf(config: ModelConfig): Promise<ReadonlyMap<string, Gradients>> {
  const { batch, ...image } = SMALL_IMAGES;
  const gradients = new Map<string, Gradients>();
  for (const layer of configLayers(config)) {
    const { variant } = config;
    const forward = layerProblem(layer, { variant, image, batch, layout: 'nhwc' });
    const [backward, wgrad] = (['backward', 'wgrad'] as const).map((op) => problem({ ...forward, op }));
    gradients.set(layer.name, {
      backward: await cpu.loadGradient(backward!),
      wgrad: await cpu.loadGradient(wgrad!),
    });
  }
  return gradients;
}

/** Goes back through depthwise convolutions by the CPU's own gradients, in float32 and NHWC. */
function backByDevice(gradients: ReadonlyMap<string, Gradients>): DepthwiseBack {
  return ({ name, resid, weight, bias }, x, y) => {
    const { backward, wgrad } = gradients.get(name)!;
    const input = Float32Array.from(toMaps(x.data, x.shape));
    const grad = Float32Array.from(toMaps(y.grad, y.shape));
    const { inputGrad, ...made } = backward.run({
      input,
      grad,
      weight: Float32Array.from(weight.data),
      resid,
    });
    expect(wgrad.run({ input, grad })).toEqual(made);
    add(x.grad, toPlanes(inputGrad!, backward.problem));
    add(weight.grad, made.weightGrad);
    add(bias.grad, made.biasGrad);
  };
}

describe.each(VARIANTS)('small %s', (variant) => {
  test('gradients of every depthwise convolution, each by the CPU, are those of PyTorch', async () => {
    const [{ config, checkpoint }, expected] = [await smallWeights(variant), await smallExpected(variant)];
    const { batch, height, width } = SMALL_IMAGES;
    const images = planes([batch, 3, height, width], await expected('input'));
    const depthwiseBack = backByDevice(await gradientsOf(config));
    const naive = await naiveNetwork(checkpoint, config, images, { depthwiseBack });
    expect(naive.backward(LABELS)).toBeCloseTo((await expected('loss'))[0]!, 5);
    const gradients = await smallGradients(variant);
    expect(gradients.length).toBeGreaterThan(0);
    for (const { name, read } of gradients) {
      const wanted = await read();
      const made =
        name === 'grad.input' ? images.grad : naive.parameters.get(name.slice('grad.'.length))!.grad;
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largestError(made, wanted) / largest, name).toBeLessThan(TOLERANCE);
    }
  });
});

function add(sum: Float64Array, values: ArrayLike<number>): void {
  expect(values.length).toBe(sum.length);
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
