import { expect, test } from 'vitest';
import { layers } from '../../cli/demo.js';
import { preset } from '../../tuner/presets.js';

test("tunes each of Table 5's sizes and lengths once, so that each gets more of the minute", () => {
  const shape = ({ height, kernel }: { height: number; kernel: number }) => `${height} ${kernel}`;
  const all = new Set(preset('table5', 1).map(shape));
  expect(layers(1).map(shape)).toEqual([...all]);
});
