import { describe, expect, it, test } from 'vitest';
import { PAPER_ANGLES, weightsOf } from '../../../generator/problem.js';
import {
  DIMENSIONS,
  depthwiseLayers,
  isOriented,
  layerProblem,
  layersOf,
  MODELS,
  type ModelSize,
  STEM_WIDTH,
  VARIANTS,
  type Variant,
} from '../../../runtime/convnext/architecture.js';

const TURNED = [90, 112.5, 135, 157.5, 0, 22.5, 45, 67.5];

/** Parameters of the whole models for 1000 classes, directions not counted. */
const PARAMETERS: Readonly<Record<`${ModelSize} ${Variant}`, number>> = {
  'tiny 1d': 28_476_040,
  'tiny 1dpp': 29_215_880,
  'tiny 2d': 28_589_128,
  'tiny 2dpp': 29_437_000,
  'base 1d': 88_273_256,
  'base 1dpp': 90_292_584,
  'base 2d': 88_591_464,
  'base 2dpp': 90_901_608,
};

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

function depthwiseParameters(model: ModelSize, variant: Variant): number {
  return sum(depthwiseLayers(model, variant).map((layer) => layer.channels * (weightsOf(layer) + 1)));
}

/** All else that has weights: the rest of the stem, LayerNorms, pointwise and downsampling convolutions, the head. */
function otherParameters(model: ModelSize, variant: Variant): number {
  const { depths, widths } = DIMENSIONS[model];
  const first = widths[0]!;
  const stem = variant.startsWith('1d')
    ? 3 * STEM_WIDTH + STEM_WIDTH + 4 * STEM_WIDTH + STEM_WIDTH * first + first + 2 * first
    : 16 * 3 * first + first + 2 * first;
  const blocks = widths.map((c, i) => depths[i]! * (2 * c + 8 * c * c + 5 * c + c));
  const between = widths.slice(1).map((c, i) => 2 * widths[i]! + 4 * widths[i]! * c + c);
  const last = widths[3]!;
  return stem + sum(blocks) + sum(between) + 2 * last + 1000 * last + 1000;
}

describe.each(MODELS)('%s', (model) => {
  it.each(VARIANTS)(
    '%s has as many parameters as were published, its depthwise layers among them',
    (variant) => {
      expect(depthwiseParameters(model, variant) + otherParameters(model, variant)).toBe(
        PARAMETERS[`${model} ${variant}`],
      );
    },
  );

  it('has an oriented layer a block and two in the stem in 1d, two a block in 1dpp, and none in 2d', () => {
    const blocks = sum(DIMENSIONS[model].depths);
    const counts = VARIANTS.map((variant) => depthwiseLayers(model, variant).filter(isOriented).length);
    expect(counts).toEqual([2 + blocks, 2 + 2 * blocks, 0, blocks]);
  });

  it('has a square layer a block in 2d and 2dpp, which takes no angles', () => {
    const squares = (variant: Variant) =>
      depthwiseLayers(model, variant).filter((layer) => !isOriented(layer));
    expect(VARIANTS.map((variant) => squares(variant).length)).toEqual([
      0,
      0,
      ...Array(2).fill(sum(DIMENSIONS[model].depths)),
    ]);
    for (const { name, ...layer } of squares('2dpp')) {
      expect(layer).toMatchObject({ filter: 'square', kernel: 7, stride: 1, angles: [], resid: false });
      expect(name).toMatch(/\.dwconv1$/);
    }
    expect(squares('2d')[0]).toMatchObject({
      name: 'stages.0.0.dwconv',
      channels: DIMENSIONS[model].widths[0],
    });
  });
});

test('layers have the names, directions and sizes of the checkpoints', () => {
  const small = { depths: [1, 2, 1, 1], widths: [12, 20, 36, 52] };
  const layers = layersOf(small, '1dpp', 12);
  expect(layers.map(({ name, channels, kernel }) => [name, channels, kernel])).toEqual([
    ['downsample_layers.0.dw1', 12, 15],
    ['downsample_layers.0.dw2', 12, 15],
    ['stages.0.0.dwconv1', 12, 15],
    ['stages.0.0.dwconv2', 48, 31],
    ['stages.1.0.dwconv1', 20, 15],
    ['stages.1.0.dwconv2', 80, 31],
    ['stages.1.1.dwconv1', 20, 15],
    ['stages.1.1.dwconv2', 80, 31],
    ['stages.2.0.dwconv1', 36, 15],
    ['stages.2.0.dwconv2', 144, 31],
    ['stages.3.0.dwconv1', 52, 15],
    ['stages.3.0.dwconv2', 208, 31],
  ]);
  for (const { name, angles, resid, stride } of layers) {
    const turned = name.endsWith('dw2') || name.startsWith('stages.1.1');
    expect(angles, name).toEqual(turned ? TURNED : PAPER_ANGLES);
    expect(resid, name).toBe(name.endsWith('dwconv2'));
    expect(stride, name).toBe(name.startsWith('stages') ? 1 : 2);
  }
  expect(layersOf(small, '1d', 12).map(({ name }) => name)).toContain('stages.1.1.dwconv');
});

const at = (variant: Variant, height: number, width: number) => {
  const setting = { variant, image: { height, width }, batch: 2, layout: 'nchw' as const };
  const sizes = depthwiseLayers('tiny', variant).map((layer) => {
    const made = layerProblem(layer, setting);
    expect(made).toMatchObject({ batch: 2, layout: 'nchw', channels: layer.channels, stride: layer.stride });
    expect(made).toMatchObject({ filter: layer.filter, kernel: layer.kernel, angles: layer.angles });
    return `${made.height}x${made.width}`;
  });
  return [...new Set(sizes)];
};

test('a layer is as large as what comes to it: the stem halves and rounds up, stages take whole patches', () => {
  expect(at('1d', 224, 224)).toEqual(['224x224', '112x112', '56x56', '28x28', '14x14', '7x7']);
  expect(at('1dpp', 97, 130)).toEqual(['97x130', '49x65', '25x33', '12x16', '6x8', '3x4']);
  expect(at('2dpp', 97, 130)).toEqual(['24x32', '12x16', '6x8', '3x4']);
});

test('an image of which the last stage sees nothing is refused', () => {
  expect(at('2dpp', 32, 32).at(-1)).toBe('1x1');
  expect(() => at('2dpp', 31, 200)).toThrow(/^'31x200': an image of this variant has at least 32x32 pixels/);
  // A stem of oriented layers rounds up, and so a little less will do.
  for (const variant of ['1d', '1dpp'] as const) {
    expect(at(variant, 29, 29).at(-1)).toBe('1x1');
    expect(() => at(variant, 200, 28)).toThrow(
      /^'200x28': an image of this variant has at least 29x29 pixels/,
    );
  }
});
