import { describe, expect, it, test } from 'vitest';
import { problemName } from '../../generator/name.js';
import { PAPER_ANGLES, type Problem } from '../../generator/problem.js';
import { PRESET_NAMES, preset, presetHelp } from '../../tuner/presets.js';

const distinct = (problems: readonly Problem[]) => [...new Set(problems.map(problemName))];
const TURNED = '90_112p5_135_157p5_0_22p5_45_67p5';

describe("a model's preset", () => {
  it('holds every depthwise layer of the model; those of one size and direction are one problem', () => {
    const all = preset('tiny:1d', 8);
    expect(all).toHaveLength(2 + 18);
    expect(distinct(all)).toEqual([
      'fprop_nhwc_f32_224x224_s2_k31_a0i22p5x8_c64_n8',
      `fprop_nhwc_f32_112x112_s2_k31_a${TURNED}_c64_n8`,
      ...[
        ['56x56', 96],
        ['28x28', 192],
        ['14x14', 384],
        ['7x7', 768],
      ].flatMap(([size, channels]) => [
        `fprop_nhwc_f32_${size}_s1_k31_a0i22p5x8_c${channels}_n8`,
        `fprop_nhwc_f32_${size}_s1_k31_a${TURNED}_c${channels}_n8`,
      ]),
    ]);
  });

  it.each([
    ['tiny:1d', 10],
    ['tiny:1dpp', 18],
    ['tiny:2d', 4],
    ['tiny:2dpp', 12],
    ['base:1d', 10],
    ['base:1dpp', 18],
    ['base:2d', 4],
    ['base:2dpp', 12],
  ])('%s has %i problems', (name, count) => {
    expect(distinct(preset(name, 1))).toHaveLength(count);
  });

  it('convolves four times the channels of a stage in 1dpp and 2dpp, with K = 31', () => {
    const wide = (name: string) =>
      preset(name, 1).filter(({ kernel, stride }) => kernel === 31 && stride === 1);
    expect(new Set(wide('base:1dpp').map(({ channels }) => channels))).toEqual(
      new Set([512, 1024, 2048, 4096]),
    );
    expect(wide('base:2dpp')).toEqual(wide('base:1dpp'));
  });

  it('has square filters in 2d and 2dpp', () => {
    const squares = [
      ['56x56', 96],
      ['28x28', 192],
      ['14x14', 384],
      ['7x7', 768],
    ].map(([size, channels]) => `fprop_nhwc_f32_${size}_s1_k7x7_c${channels}_n8`);
    expect(distinct(preset('tiny:2d', 8))).toEqual(squares);
    expect(distinct(preset('tiny:2dpp', 8)).filter((name) => !name.includes('_k31_'))).toEqual(squares);
    expect(preset('tiny:2d', 8, { op: 'wgrad' })[0]).toMatchObject({ op: 'wgrad', filter: 'square' });
  });

  it('takes the size of the images and the layout', () => {
    const [first, , third] = preset('base:1dpp', 2, { image: { height: 96, width: 160 }, layout: 'nchw' });
    expect(first).toMatchObject({ layout: 'nchw', height: 96, width: 160, kernel: 15, angles: PAPER_ANGLES });
    expect(third).toMatchObject({ layout: 'nchw', height: 24, width: 40, channels: 128, batch: 2 });
  });
});

test('an unknown one is refused in a line', () => {
  expect(() => preset('tiny:3d', 1)).toThrow(
    /^'tiny:3d': a preset is one of table5, stem, stage4, tiny:1d, /,
  );
  expect(() => preset('tiny:1d:x', 1)).toThrow('a preset is one of');
  expect(() => preset('tiny:2d:x', 1)).toThrow('a preset is one of');
});

test('presets of layers carry both layouts', () => {
  for (const name of ['table5', 'stem', 'stage4'])
    expect(new Set(preset(name, 1).map(({ layout }) => layout)), name).toEqual(new Set(['nhwc', 'nchw']));
});

test('help has a line for each', () => {
  expect(
    presetHelp()
      .split('\n')
      .map((line) => line.split(': ')[0]!.trim()),
  ).toEqual(PRESET_NAMES);
});
