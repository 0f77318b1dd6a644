import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layerName, problemName } from '../../generator/name.js';
import { problem } from '../../generator/problem.js';
import { modelConfigOf, standardConfig } from '../../runtime/convnext/config.js';
import { openCpu } from '../../runtime/cpu.js';
import { loadImage } from '../../runtime/image/load_image.js';
import { loadModel } from '../../runtime/model.js';
import { checkpoint } from '../../runtime/weights/checkpoint.js';
import { initialWeights } from '../../runtime/weights/model/initial.js';
import { modelConfig } from '../../runtime/weights/model/model_config.js';
import { writeSafetensors } from '../../runtime/weights/safetensors/write_safetensors.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const cpu = openCpu({ threads: 1 });
const LAYER = { height: 3, width: 3, kernel: 3, angles: [0] };
const nothing = undefined as never;

describe('a call without arguments is refused with the way out', () => {
  it.each([
    ['fprop', '{ input, weight }'],
    ['dgrad', '{ input, weight }'],
  ] as const)('of %s', async (op, example) => {
    const convolution = await cpu.load(problem({ ...LAYER, op }));
    const refusal = expect.objectContaining({
      code: 'arguments-missing',
      remedy: expect.stringContaining(example),
    });
    expect(() => convolution.run(nothing)).toThrow(refusal);
    await expect(convolution.runAsync(nothing)).rejects.toEqual(refusal);
    expect(() => convolution.prepare(null as never)).toThrow(refusal);
    const prepared = convolution.prepare({ weight: new Float32Array(3) });
    expect(() => prepared.bind(nothing)).toThrow(refusal);
  });

  it.each([
    ['wgrad', '{ input, grad }', {}],
    ['backward', '{ input, grad, weight }', { weight: new Float32Array(3) }],
  ] as const)('of %s', async (op, example, parameters) => {
    const gradient = await cpu.loadGradient(problem({ ...LAYER, op }));
    const refusal = expect.objectContaining({
      code: 'arguments-missing',
      remedy: expect.stringContaining(example),
    });
    expect(() => gradient.run(nothing)).toThrow(refusal);
    await expect(gradient.runAsync(nothing)).rejects.toEqual(refusal);
    expect(() => gradient.prepare(7 as never)).toThrow(refusal);
    expect(() => gradient.prepare(parameters).bind(nothing)).toThrow(refusal);
  });
});

describe('a problem that problem() did not make is refused with the way out', () => {
  const made = [
    undefined,
    null,
    'fprop',
    LAYER,
    { ...LAYER, op: 'dgrad', dtype: 'f32', stride: 1 },
    { kind: 'problem' },
    { ...problem(LAYER), angles: undefined },
  ] as never[];
  const refusal = expect.objectContaining({
    code: 'problem-unmade',
    fault: 'user',
    remedy: expect.stringContaining('problem({ height: 56'),
  });

  it.each(made)('%o', async (one) => {
    await expect(cpu.load(one)).rejects.toEqual(refusal);
    await expect(cpu.loadGradient(one)).rejects.toEqual(refusal);
    expect(() => cpu.loadBinary(one, '/no/such/file', 'symbol')).toThrow(refusal);
    expect(() => cpu.loadGradientBinary(one, '/no/such/file', 'symbol')).toThrow(refusal);
    expect(() => layerName(one)).toThrow(refusal);
    expect(() => problemName(one)).toThrow(refusal);
  });
});

describe('what no function of ours made is refused with the way out, whatever its kind says', () => {
  const refusal = (code: string) => expect.objectContaining({ code, fault: 'user' });

  it.each([null, 'generated', {}, { kind: 'library' }, { kind: 'library', kernels: {}, find: 7 }])(
    'for a library, %o',
    async (library) => {
      const options = { library: library as never };
      for (const untuned of ['general', 'generate'] as const)
        await expect(cpu.load(problem(LAYER), { ...options, untuned })).rejects.toEqual(
          refusal('library-unmade'),
        );
      for (const op of ['wgrad', 'backward'] as const)
        await expect(cpu.loadGradient(problem({ ...LAYER, op }), options)).rejects.toEqual(
          refusal('library-unmade'),
        );
      await expect(loadModel({ weights: 'none.pth', ...options })).rejects.toEqual(refusal('library-unmade'));
    },
  );

  it.each([undefined, null, 7, {}, { kind: 'checkpoint' }, { kind: 'checkpoint', find: () => undefined }])(
    'for a checkpoint, %o',
    async (made) => {
      expect(() => modelConfig(made as never)).toThrow(refusal('weights-unmade'));
      await expect(loadModel({ weights: made as never })).rejects.toEqual(refusal('model-weights'));
    },
  );

  it.each(['cpu', {}, { kind: 'cpu' }, { kind: 'cuda' }])('for a device, %o', async (device) => {
    const weights = initialWeights(standardConfig('tiny', '2d'), 1);
    await expect(loadModel({ weights, device: device as never })).rejects.toEqual(refusal('model-device'));
  });

  it.each([undefined, null, 7, {}, { kind: 'model-config' }])('for a configuration, %o', (config) => {
    expect(() => initialWeights(config as never, 1)).toThrow(refusal('model-config-unmade'));
    expect(() => modelConfigOf(config as never)).toThrow(refusal('model-variant'));
  });

  it.each([undefined, { kind: 'checkpoint' }, [null], [{ kind: 'named-tensor' }]])(
    'for tensors, %o',
    async (tensors) => {
      const file = join(temporaryFolder(), 'x.safetensors');
      expect(() => checkpoint('x', 'initial', tensors as never)).toThrow(refusal('weights-tensors'));
      await expect(writeSafetensors(file, tensors as never)).rejects.toEqual(refusal('weights-tensors'));
      expect(existsSync(file)).toBe(false);
    },
  );

  it('for how an image is loaded', async () => {
    await expect(loadImage('none.png', undefined as never)).rejects.toEqual(refusal('image-side'));
  });

  it('for the name of a network', () => {
    expect(() => standardConfig('huge' as never, '1d')).toThrow(refusal('model-size'));
    expect(() => standardConfig('tiny', '3d' as never)).toThrow(refusal('model-variant'));
    expect(() => modelConfigOf({ variant: '1d' } as never)).toThrow(refusal('model-depths'));
  });
});
