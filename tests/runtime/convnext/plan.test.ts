import { describe, expect, test } from 'vitest';
import { type GeluForm, operationName } from '../../../generator/operations/operation.js';
import { VARIANTS, type Variant } from '../../../runtime/convnext/architecture.js';
import { modelConfigOf } from '../../../runtime/convnext/config.js';
import { classifierPlan, featuresPlan } from '../../../runtime/convnext/plan.js';
import type { Fusion } from '../../../runtime/plan/plan.js';
import type { Step } from '../../../runtime/plan/step.js';
import { type FittedWeights, fitWeights } from '../../../runtime/weights/model/fit_weights.js';
import { initialWeights } from '../../../runtime/weights/model/initial.js';
import { FUSIONS } from '../../support/small_networks.js';

const [FUSED, APART] = [FUSIONS[0]!, FUSIONS[1]!];
const SIZE = { batch: 2, height: 64, width: 96 };

/** One block a stage. */
function weightsOf(variant: Variant): Promise<FittedWeights> {
  const sizes = { depths: [1, 1, 1, 1], widths: [8, 16, 24, 32], classes: 10, stemWidth: 12 };
  const config = modelConfigOf({ ...sizes, variant });
  return fitWeights(initialWeights(config, 1), config);
}

/** `stages.0.0.pwconv1 product_f32_i8_o32_n1_g1_r0 x768` */
function text(step: Step): string {
  if (step.kind === 'operation') return `${step.name} ${operationName(step.operation)} x${step.count}`;
  const { filter, kernel, stride, channels, height, width } = step.problem;
  return `${step.name} ${filter} ${kernel} /${stride} ${height}x${width}x${channels}${step.resid ? ' resid' : ''}`;
}

describe('steps of a network', () => {
  test('1d, in as few as can be', async () => {
    const weights = await weightsOf('1d');
    const { steps } = classifierPlan(weights.config, weights, { ...SIZE, fusion: FUSED });
    expect([...steps.slice(0, 11), ...steps.slice(-3)].map(text)).toEqual([
      'downsample_layers.0.dw1 stem_f32_64x96_s2_k31_a0i22p5x8_p3_c12 x2',
      'downsample_layers.0.norm1 norm_f32_c12_a1_g1 x3072',
      'downsample_layers.0.dw2 line 31 /2 32x48x12',
      'downsample_layers.0.norm2 norm_f32_c12_a1_g1 x768',
      'downsample_layers.0.pw2 product_f32_i12_o8_n0_g0_r0 x768',
      'downsample_layers.0.norm3 norm_f32_c8_a1_g0 x768',
      'stages.0.0.dwconv line 31 /1 16x24x8',
      'stages.0.0.pwconv1 product_f32_i8_o32_n1_g1_r0 x768',
      'stages.0.0.pwconv2 product_f32_i32_o8_n0_g0_r1 x768',
      'downsample_layers.1.0 patches_nhwc_f32_16x24_c8_p2_n1 x2',
      'downsample_layers.1.1 product_f32_i32_o16_n0_g0_r0 x192',
      'stages.3.0.pwconv2 product_f32_i128_o32_n0_g0_r1 x12',
      'pool pool_f32_p6_c32 x2',
      'head product_f32_i32_o10_n1_g0_r0 x2',
    ]);
  });

  test("1d, in as many as can be: the map of the stem's width is in memory", async () => {
    const weights = await weightsOf('1d');
    const plans = FUSIONS.map((fusion) => classifierPlan(weights.config, weights, { ...SIZE, fusion }));
    const { steps, arena } = plans[1]!;
    expect(steps.slice(0, 5).map(text)).toEqual([
      'downsample_layers.0.pixels patches_nchw_f32_64x96_c3_p1_n0 x2',
      'downsample_layers.0.pw1 product_f32_i3_o12_n0_g0_r0 x12288',
      'downsample_layers.0.dw1 line 31 /2 64x96x12',
      'downsample_layers.0.norm1 norm_f32_c12_a1_g1 x3072',
      'downsample_layers.0.dw2 line 31 /2 32x48x12',
    ]);
    const [map, half] = [2 * 64 * 96 * 12, 2 * 32 * 48 * 12];
    expect(arena.elements).toBe(map + half);
    expect(plans[0]!.arena.elements).toBeLessThan(map);
  });

  test('2dpp, in as many as can be', async () => {
    const weights = await weightsOf('2dpp');
    const { steps } = classifierPlan(weights.config, weights, { ...SIZE, fusion: APART });
    expect([...steps.slice(0, 9), ...steps.slice(-3)].map(text)).toEqual([
      'downsample_layers.0.patches patches_nchw_f32_64x96_c3_p4_n0 x2',
      'downsample_layers.0.0 product_f32_i48_o8_n0_g0_r0 x768',
      'downsample_layers.0.1 norm_f32_c8_a1_g0 x768',
      'stages.0.0.dwconv1 square 7 /1 16x24x8',
      'stages.0.0.norm norm_f32_c8_a0_g0 x768',
      'stages.0.0.pwconv1 product_f32_i8_o32_n0_g0_r0 x768',
      'stages.0.0.pwconv1.gelu gelu_f32_c32 x768',
      'stages.0.0.dwconv2 line 31 /1 16x24x32 resid',
      'stages.0.0.pwconv2 product_f32_i32_o8_n0_g0_r1 x768',
      'pool pool_f32_p6_c32 x2',
      'norm norm_f32_c32_a0_g0 x2',
      'head product_f32_i32_o10_n0_g0_r0 x2',
    ]);
  });
});

describe('the form of GELU', () => {
  const forms = async (fusion: Fusion, gelu?: GeluForm) => {
    const weights = await weightsOf('1d');
    const { steps } = classifierPlan(weights.config, weights, { ...SIZE, fusion, ...(gelu && { gelu }) });
    const names = steps.flatMap((step) => (step.kind === 'operation' ? [operationName(step.operation)] : []));
    return [...new Set(names.filter((name) => /_g[12]|gelu/.test(name)))];
  };

  test('is that of every GELU of the network, and the exact one unless another is asked for', async () => {
    const blocks = [8, 16, 24, 32];
    const fused = (digit: number) => [
      `norm_f32_c12_a1_g${digit}`,
      ...blocks.map((c) => `product_f32_i${c}_o${4 * c}_n1_g${digit}_r0`),
    ];
    expect(await forms(FUSED)).toEqual(fused(1));
    expect(await forms(FUSED, 'exact')).toEqual(fused(1));
    expect(await forms(FUSED, 'tanh')).toEqual(fused(2));
    expect(await forms(APART, 'tanh')).toEqual([
      'norm_f32_c12_a1_g2',
      ...blocks.map((c) => `gelu_tanh_f32_c${4 * c}`),
    ]);
  });
});

describe.each(VARIANTS)('%s', (variant) => {
  test('writes to no more buffers than it has to: norm, gelu and sums of blocks are in place', async () => {
    const weights = await weightsOf(variant);
    const { steps, images } = featuresPlan(weights.config, weights, { ...SIZE, fusion: APART });
    for (const step of steps) {
      if (step.kind !== 'operation') continue;
      const { kind } = step.operation;
      expect(step.output === step.input, step.name).toBe(kind === 'norm' || kind === 'gelu');
      if (step.residual) expect(step.output).toBe(step.residual);
    }
    expect(new Set(steps.map(({ output }) => output)).has(images)).toBe(false);
  });

  test('reads no number before a device asks', async () => {
    const weights = await weightsOf(variant);
    const unreadable = {
      ...weights,
      tensor: (name: string) => ({
        ...weights.tensor(name),
        read: () => Promise.reject(new Error(`read ${name}`)),
      }),
    };
    const { steps } = classifierPlan(weights.config, unreadable, { ...SIZE, fusion: FUSED });
    await expect(steps.at(-1)!.weight!.read()).rejects.toThrow('read norm.weight');
  });

  test.each([
    [28, 400],
    [400, 28],
    [1, 1],
  ])('refuses images of %ix%i', async (height, width) => {
    const weights = await weightsOf(variant);
    const spec = { batch: 1, height, width, fusion: FUSED };
    expect(() => featuresPlan(weights.config, weights, spec)).toThrow(
      /an image of this variant has at least/,
    );
  });
});

describe('folding', () => {
  test('is rounded once', async () => {
    const weights = await weightsOf('2d');
    const { steps } = classifierPlan(weights.config, weights, { ...SIZE, fusion: FUSED });
    const read = (name: string) => weights.tensor(name).read();
    const [weight, scale, shift, bias] = await Promise.all(
      [
        'downsample_layers.1.1.weight',
        'downsample_layers.1.0.weight',
        'downsample_layers.1.0.bias',
        'downsample_layers.1.1.bias',
      ].map(read),
    );
    const step = steps.find(({ name }) => name === 'downsample_layers.1.1')!;
    expect(step.weight!.shape).toEqual([16, 32]);
    const folded = await step.weight!.read();
    // [outer,C,dy,dx] to [outer,(dy,dx,C)].
    folded.forEach((value, i) => {
      const [o, dy, dx, c] = [Math.floor(i / 32), Math.floor(i / 16) % 2, Math.floor(i / 8) % 2, i % 8];
      expect(value).toBe(Math.fround(weight![((o * 8 + c) * 2 + dy) * 2 + dx]! * scale![c]!));
    });
    const sums = Array.from({ length: 16 }, (_, o) => {
      let sum = 0;
      for (let i = 0; i < 32; i++) sum += weight![o * 32 + i]! * shift![Math.floor(i / 4)]!;
      return Math.fround(sum + bias![o]!);
    });
    expect(Array.from(await step.bias!.read())).toEqual(sums);
  });
});
