import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { VARIANTS } from '../../../runtime/convnext/architecture.js';
import { standardConfig } from '../../../runtime/convnext/config.js';
import { type Backbone, backbone } from '../../../runtime/tasks/backbone.js';
import { loadWeights } from '../../../runtime/weights/load.js';
import { fitWeights } from '../../../runtime/weights/model/fit_weights.js';
import { initialWeights } from '../../../runtime/weights/model/initial.js';
import { modelConfig } from '../../../runtime/weights/model/model_config.js';
import { writeSafetensors } from '../../../runtime/weights/safetensors/write_safetensors.js';
import { smallWeights } from '../../support/small_networks.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const LONG = [31, 31, 27, 13];
const SQUARE = [7, 7, 7, 7];

test.each([
  ['1d', { first: LONG, second: null }],
  ['1dpp', { first: [15, 15, 15, 13], second: LONG }],
  ['2d', { first: SQUARE, second: null }],
  ['2dpp', { first: SQUARE, second: LONG }],
] as const)('%s gets the kernels of a backbone', async (variant, kernels) => {
  const config = standardConfig('base', variant);
  const made = backbone(await fitWeights(initialWeights(config, 1), config));
  expect(made.config).toEqual({ ...config, kernels });
});

it.each(VARIANTS)('%s keeps everything but the ends of kernels', async (variant) => {
  const whole = await smallWeights(variant);
  const made = backbone(whole);
  const cropped = new Map(made.cropped.map((layer) => [`${layer.name}.weight`, layer]));
  expect(made.tensors.map(({ name }) => name).sort()).toEqual(
    whole.checkpoint.tensors.map(({ name }) => name).sort(),
  );
  for (const tensor of made.tensors) {
    const before = await whole.tensor(tensor.name).read();
    const after = await tensor.read();
    const layer = cropped.get(tensor.name);
    if (layer) {
      expect(tensor.shape).toEqual([before.length / layer.from, 1, 1, layer.to]);
      const margin = (layer.from - layer.to) / 2;
      for (const [i, value] of after.entries())
        expect(value).toBe(before[Math.floor(i / layer.to) * layer.from + margin + (i % layer.to)]);
    } else expect(after).toEqual(before);
  }
});

it.each(VARIANTS)('%s is read again as the network that it is, and cropped no further', async (variant) => {
  const made = backbone(await smallWeights(variant));
  const path = join(temporaryFolder(), 'backbone.safetensors');
  await writeSafetensors(path, made.tensors);
  const again = await loadWeights(path);
  expect(modelConfig(again)).toEqual(made.config);
  expect(backbone(await fitWeights(again, made.config)).cropped).toEqual([]);
});

it('stems keep their kernels', async () => {
  const names = ({ cropped }: Backbone) => cropped.map(({ name, from, to }) => `${name} ${from} ${to}`);
  expect(names(backbone(await smallWeights('1d')))).toEqual([
    'stages.2.0.dwconv 31 27',
    'stages.3.0.dwconv 31 13',
  ]);
  expect(names(backbone(await smallWeights('1dpp')))).toEqual([
    'stages.2.0.dwconv2 31 27',
    'stages.3.0.dwconv1 15 13',
    'stages.3.0.dwconv2 31 13',
  ]);
});
