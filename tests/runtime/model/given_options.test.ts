import { expect, it } from 'vitest';
import { openCpu } from '../../../runtime/cpu.js';
import { loadModel, type ModelOptions } from '../../../runtime/model.js';
import { FIXTURES } from '../../support/weights.js';

const weights = `${FIXTURES}small_2d.pth`;

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'model-weights'],
  ['no weights', {}, 'model-weights'],
  ["a library's folder for a library", { weights: 'none.pth', library: 'generated' }, 'library-unmade'],
  ['a library of no kind', { weights: 'none.pth', library: { kernels: {} } }, 'library-unmade'],
  ['null for a library', { weights: 'none.pth', library: null }, 'library-unmade'],
  ['a device that is none', { weights, device: 'cpu' }, 'model-device'],
  ['TF32 on a CPU', { weights, device: openCpu(), products: 'tf32' }, 'model-products'],
  ['a GELU that is none', { weights: 'none.pth', gelu: 'sigmoid' }, 'model-gelu'],
  ['null for a GELU', { weights: 'none.pth', gelu: null }, 'model-gelu'],
  ['a type that is none', { weights, device: openCpu(), products: 'fp16' }, 'model-products'],
])('a model is not loaded with %s', async (_, options, code) => {
  await expect(loadModel(options as ModelOptions)).rejects.toMatchObject({ code, fault: 'user' });
});
