import { describe, expect, test } from 'vitest';
import {
  depthwiseLayers,
  MODELS,
  type ModelSize,
  VARIANTS,
  type Variant,
} from '../../../runtime/convnext/architecture.js';
import { configLayers, modelConfigOf, modelName, standardConfig } from '../../../runtime/convnext/config.js';

const PAIRS = MODELS.flatMap((model) => VARIANTS.map((variant) => [model, variant] as [ModelSize, Variant]));
const SMALL = { depths: [1, 2, 1, 1], widths: [12, 20, 36, 52] };

test.each(PAIRS)('%s %s has the depthwise layers of the paper', (model, variant) => {
  const config = standardConfig(model, variant);
  expect(configLayers(config)).toEqual(depthwiseLayers(model, variant));
  expect(modelName(config)).toBe(model);
  expect(config.classes).toBe(1000);
});

test("kernel lengths are the paper's unless given", () => {
  const kernels = VARIANTS.map((variant) => modelConfigOf({ ...SMALL, variant }));
  expect(
    kernels.map(({ kernels: { first, second }, stem }) => [first[3], second?.[3] ?? null, stem]),
  ).toEqual([
    [31, null, { kind: 'oriented', width: 64, kernel: 31 }],
    [15, 31, { kind: 'oriented', width: 64, kernel: 15 }],
    [7, null, { kind: 'patch' }],
    [7, 31, { kind: 'patch' }],
  ]);
});

test('cropped kernels, another stem: the layers follow', () => {
  const layers = configLayers(
    modelConfigOf({
      ...SMALL,
      variant: '1dpp',
      stemWidth: 6,
      stemKernel: 9,
      kernels: { first: [15, 15, 15, 13], second: [31, 31, 27, 13] },
    }),
  );
  expect(layers.map(({ name, channels, kernel }) => [name, channels, kernel])).toEqual([
    ['downsample_layers.0.dw1', 6, 9],
    ['downsample_layers.0.dw2', 6, 9],
    ['stages.0.0.dwconv1', 12, 15],
    ['stages.0.0.dwconv2', 48, 31],
    ['stages.1.0.dwconv1', 20, 15],
    ['stages.1.0.dwconv2', 80, 31],
    ['stages.1.1.dwconv1', 20, 15],
    ['stages.1.1.dwconv2', 80, 31],
    ['stages.2.0.dwconv1', 36, 15],
    ['stages.2.0.dwconv2', 144, 27],
    ['stages.3.0.dwconv1', 52, 13],
    ['stages.3.0.dwconv2', 208, 13],
  ]);
  expect(modelName(SMALL)).toBeUndefined();
});

describe('refused', () => {
  test.each([
    ['three stages', { ...SMALL, depths: [1, 1, 1] }, /for each of the 4 stages; give 4 numbers/],
    ['no blocks', { ...SMALL, depths: [1, 0, 1, 1] }, /depths must be whole/],
    ['a width that is none', { ...SMALL, widths: [12, 20, 36, 1.5] }, /widths must be whole/],
    ['no classes', { ...SMALL, classes: 0 }, /classes must be whole/],
    ['an even kernel', { ...SMALL, kernels: { first: [2, 1, 1, 1], second: null } }, /must be odd/],
    ['an even stem', { ...SMALL, stemKernel: 4 }, /must be odd/],
    ['a stem of no width', { ...SMALL, stemWidth: 0 }, /stemWidth must be whole/],
    [
      'a second kernel of 1d',
      { ...SMALL, kernels: { first: [1, 1, 1, 1], second: [1, 1, 1, 1] } },
      /1d has no second/,
    ],
  ])('%s', (_, spec, message) => expect(() => modelConfigOf({ variant: '1d', ...spec })).toThrow(message));
});
