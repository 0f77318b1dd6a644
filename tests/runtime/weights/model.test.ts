import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MODELS, VARIANTS } from '../../../runtime/convnext/architecture.js';
import { modelConfigOf, standardConfig } from '../../../runtime/convnext/config.js';
import { type Checkpoint, checkpoint, type NamedTensor } from '../../../runtime/weights/checkpoint.js';
import { loadWeights } from '../../../runtime/weights/load.js';
import { fitWeights } from '../../../runtime/weights/model/fit_weights.js';
import { initialWeights } from '../../../runtime/weights/model/initial.js';
import { modelConfig } from '../../../runtime/weights/model/model_config.js';
import {
  parameterCount,
  parameterList,
  radians,
  thetaList,
} from '../../../runtime/weights/model/parameters.js';
import { writeSafetensors } from '../../../runtime/weights/safetensors/write_safetensors.js';
import { temporaryFolder } from '../../support/temporary_folder.js';
import { FIXTURES, refusal } from '../../support/weights.js';

const SMALL = { depths: [1, 2, 1, 1], widths: [12, 20, 36, 52], classes: 10, stemWidth: 12 };
const small = (variant: (typeof VARIANTS)[number]) => modelConfigOf({ ...SMALL, variant });
const read = (variant: string) => loadWeights(`${FIXTURES}small_${variant}.pth`);
/** A checkpoint with some of its tensors made others, or left out. */
const changed = (from: Checkpoint, change: (tensor: NamedTensor) => NamedTensor | undefined) =>
  checkpoint(
    'x.pth',
    'pth',
    from.tensors.flatMap((tensor) => change(tensor) ?? []),
  );
const anything = async () => new Float32Array(1);
const thrown = (work: () => unknown) => refusal(Promise.resolve().then(work));

describe('parameters', () => {
  test.each([
    ['tiny', '1d', 28476040],
    ['tiny', '1dpp', 29215880],
    ['tiny', '2d', 28589128],
    ['tiny', '2dpp', 29437000],
    ['base', '1d', 88273256],
    ['base', '1dpp', 90292584],
    ['base', '2d', 88591464],
    ['base', '2dpp', 90901608],
  ] as const)('%s %s has %i', (model, variant, count) =>
    expect(parameterCount(parameterList(standardConfig(model, variant)))).toBe(count),
  );

  test.each(VARIANTS)('those of small_%s are what PyTorch saved', async (variant) => {
    const saved = (await read(variant)).tensors.map(({ name, shape }) => [name, shape.join()]);
    const ours = [
      ...parameterList(small(variant)).map(({ name, shape }) => [name, shape.join()]),
      ...thetaList(small(variant)).map(({ name, layer }) => [name, `${layer.channels}`]),
    ];
    expect(new Map(ours as [string, string][])).toEqual(new Map(saved as [string, string][]));
    expect(ours).toHaveLength(saved.length);
  });

  test.each(['1d', '1dpp', '2dpp'] as const)(
    'directions of small_%s are what PyTorch saved, bit for bit',
    async (variant) => {
      const saved = await read(variant);
      for (const { name, layer } of thetaList(small(variant)))
        expect(radians(layer), name).toEqual(await saved.find(name)!.read());
    },
  );
});

describe('the configuration is read off', () => {
  test.each(VARIANTS)('small_%s', async (variant) =>
    expect(modelConfig(await read(variant))).toEqual(small(variant)),
  );

  test.each(MODELS.flatMap((model) => VARIANTS.map((variant) => [model, variant] as const)))(
    '%s %s',
    (model, variant) => {
      const config = standardConfig(model, variant, 21841);
      expect(modelConfig(initialWeights(config, 1))).toEqual(config);
    },
  );

  test('cropped kernels', () => {
    const kernels = { first: [15, 15, 15, 13], second: [31, 31, 27, 13] };
    const config = modelConfigOf({ ...SMALL, variant: '1dpp', kernels, stemKernel: 9 });
    expect(modelConfig(initialWeights(config, 1))).toEqual(config);
  });

  test.each<[string, (tensor: NamedTensor) => NamedTensor | undefined, RegExp]>([
    [
      'no head',
      (t) => (t.name.startsWith('head') ? undefined : t),
      /^weights-model .*head\.weight is missing/,
    ],
    [
      'another network',
      (t) => ({ ...t, name: `layer.${t.name}` }),
      /^weights-model .*gamma.* and 4 more are missing \(it begins with layer\./,
    ],
    [
      'a gap among the blocks',
      (t) => (t.name.startsWith('stages.1.0.') ? undefined : t),
      /^weights-model .*stages\.1\.0\.gamma/,
    ],
    [
      'an endless block',
      (t) => (t.name === 'norm.bias' ? { ...t, name: 'stages.1.999999999.gamma' } : t),
      /^weights-mismatch .*lacks 1 tensor \(norm\.bias\).*1 tensor that the network has not \(stages\.1\.999999999\.gamma\)/,
    ],
    [
      'a scalar head',
      (t) => (t.name === 'head.weight' ? { ...t, shape: [] } : t),
      /^weights-model .*head\.weight is missing/,
    ],
    [
      'an even kernel',
      (t) => (t.name === 'stages.2.0.dwconv.weight' ? { ...t, shape: [36, 1, 1, 30] } : t),
      /^weights-model .*must be odd/,
    ],
    [
      'no channels',
      (t) => (t.name === 'stages.2.0.gamma' ? { ...t, shape: [0] } : t),
      /^weights-model .*widths must be/,
    ],
    [
      'one shape that differs',
      (t) => (t.name === 'stages.2.0.pwconv1.weight' ? { ...t, shape: [144, 37] } : t),
      /^weights-mismatch .*stages\.2\.0\.pwconv1\.weight \[144,37\] for \[144,36\]/,
    ],
  ])('refused: %s', async (_, change, message) => {
    const other = changed(await read('1d'), change);
    expect(await thrown(() => modelConfig(other))).toMatch(message);
  });
});

describe('fitting', () => {
  test.each(VARIANTS)('small_%s fits', async (variant) => {
    const weights = await fitWeights(await read(variant), small(variant));
    for (const { name, shape } of parameterList(weights.config))
      expect(weights.tensor(name).shape).toEqual(shape);
    expect(() => weights.tensor('head')).toThrow(/no parameter 'head'/);
  });

  test('directions may have a second dimension, and be off by a rounding', async () => {
    const column = changed(await read('1d'), (t) =>
      t.name.endsWith('theta')
        ? { ...t, shape: [...t.shape, 1], read: async () => (await t.read()).map((angle) => angle + 4e-7) }
        : t,
    );
    await expect(fitWeights(column, small('1d'))).resolves.toHaveProperty('kind', 'fitted-weights');
  });

  test.each([
    ['by a thousandth', (angle: number) => angle + 1e-3],
    ['not at all a number', () => Number.NaN],
    ['degrees', (angle: number) => (angle * 180) / Math.PI],
  ])('directions that are others: %s', async (_, turn) => {
    const turned = changed(await read('1d'), (t) =>
      t.name === 'stages.1.1.dwconv.theta' ? { ...t, read: async () => (await t.read()).map(turn) } : t,
    );
    expect(await refusal(fitWeights(turned, small('1d')))).toMatch(
      /^weights-theta 'x\.pth': turns channel 0 of stages\.1\.1\.dwconv /,
    );
  });

  test('everything that differs, in one line', async () => {
    const other = changed(await read('1d'), (t) => {
      if (t.name === 'norm.weight' || t.name.startsWith('stages.3.')) return undefined;
      if (t.name === 'head.weight') return { ...t, shape: [1000, 52], read: anything };
      if (t.name === 'head.bias') return { ...t, name: 'head.\x1b[2Jbias\n' };
      return t;
    });
    expect(await refusal(fitWeights(other, small('1d')))).toBe(
      "weights-mismatch 'x.pth': does not fit 1d [1,2,1,1] x [12,20,36,52] with 10 classes: " +
        'lacks 12 tensors (stages.3.0.dwconv.weight, stages.3.0.dwconv.bias, stages.3.0.norm.weight, stages.3.0.norm.bias, ' +
        'stages.3.0.pwconv1.weight and 7 more), has 1 tensor of another shape (head.weight [1000,52] for [10,52]), ' +
        'has 1 tensor that the network has not (head.?[2Jbias?); ' +
        'name the model, variant and number of classes that it was saved from, or leave them to be read off it',
    );
  });

  test('another variant, another number of classes', async () => {
    expect(await refusal(fitWeights(await read('1d'), small('1dpp')))).toMatch(/^weights-mismatch .*1dpp/);
    const config = modelConfigOf({ ...SMALL, variant: '1d', classes: 11 });
    expect(await refusal(fitWeights(await read('1d'), config))).toMatch(
      /head\.weight \[10,52\] for \[11,52\]/,
    );
    expect(await refusal(fitWeights(await read('1d'), standardConfig('tiny', '1d')))).toMatch(
      /1d tiny with 1000 classes/,
    );
  });
});

describe('initial weights', () => {
  const config = small('1dpp');

  test.each(VARIANTS)('of %s fit, written and read again', async (variant) => {
    const path = join(temporaryFolder(), 'x.safetensors');
    await writeSafetensors(path, initialWeights(small(variant), 1).tensors);
    const weights = await fitWeights(await loadWeights(path), small(variant));
    const fresh = initialWeights(small(variant), 1);
    for (const { name, read } of fresh.tensors)
      expect(await weights.tensor(name).read()).toEqual(await read());
  });

  test('biases, norms and layer scale', async () => {
    const fresh = initialWeights(config, 3);
    const values = async (name: string) => new Set(await fresh.find(name)!.read());
    expect(await values('stages.0.0.dwconv2.bias')).toEqual(new Set([0]));
    expect(await values('stages.0.0.norm.weight')).toEqual(new Set([1]));
    expect(await values('norm.bias')).toEqual(new Set([0]));
    expect(await values('stages.1.1.gamma')).toEqual(new Set([Math.fround(1e-6)]));
  });

  test.each(['stages.3.0.pwconv1.weight', 'stages.3.0.dwconv2.weight', 'downsample_layers.3.1.weight'])(
    '%s is normal',
    async (name) => {
      const z = (await initialWeights(config, 3).find(name)!.read()).map((value) => value / 0.02);
      const moment = (power: number) => z.reduce((sum, value) => sum + value ** power, 0) / z.length;
      // Within five standard errors of a normal's own: sqrt(1, 2, 15, 96 over the number of values).
      const error = (variance: number) => 5 * Math.sqrt(variance / z.length);
      expect(Math.abs(moment(1))).toBeLessThan(error(1));
      expect(Math.abs(moment(2) - 1)).toBeLessThan(error(2));
      expect(Math.abs(moment(3))).toBeLessThan(error(15));
      expect(Math.abs(moment(4) - 3)).toBeLessThan(error(96));
    },
  );

  test('the seed and the name decide, and nothing else', async () => {
    const numbers = async (seed: number, name = 'stages.1.0.pwconv1.weight') =>
      initialWeights(config, seed).find(name)!.read();
    expect(await numbers(1)).toEqual(await numbers(1));
    expect(await numbers(1)).not.toEqual(await numbers(2));
    expect(await numbers(1)).not.toEqual(await numbers(1, 'stages.1.1.pwconv1.weight'));
    const same = initialWeights(small('2d'), 1).find('stages.1.0.pwconv1.weight')!;
    expect(await same.read()).toEqual(await numbers(1));
  });

  test('no two blocks of the key stream are alike', async () => {
    const floats = await initialWeights(standardConfig('tiny', '1d'), 1)
      .find('stages.0.0.pwconv1.weight')!
      .read();
    expect(new Set(floats).size).toBeGreaterThan(0.98 * floats.length);
  });

  test('the head is scaled', async () => {
    const head = async (headScale?: number) =>
      initialWeights(config, 1, headScale === undefined ? {} : { headScale })
        .find('head.weight')!
        .read();
    const [whole, tenth] = [await head(), await head(0.1)];
    expect(tenth[5]! / whole[5]!).toBeCloseTo(0.1, 6);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53])('refused: seed %d', async (seed) =>
    expect(await thrown(() => initialWeights(config, seed))).toMatch(/^seed /),
  );
});
