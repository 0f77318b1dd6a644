import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openCpu } from '../../../runtime/cpu.js';
import { DeviceError } from '../../../runtime/errors.js';
import { copyRate } from '../../../runtime/model/copy_rate.js';
import { defaultDevice } from '../../../runtime/model/default_device.js';
import { letFail, loadFakeCuda } from '../../support/fake_cuda.js';

beforeAll(loadFakeCuda);
afterEach(() => vi.unstubAllEnvs());

test('is the CPU if there is no GPU', () => {
  letFail('cuInit', 100);
  expect(defaultDevice().kind).toBe('cpu');
});

test('is the first GPU if there is one', () => {
  expect(defaultDevice()).toMatchObject({ kind: 'cuda', index: 0, name: 'Fake GPU' });
});

test('is no CPU if there is a GPU that cannot be opened', () => {
  letFail('cuStreamCreate', 2);
  expect(defaultDevice).toThrow(DeviceError);
});

test('a copy moves as many bytes a second as memory can', () => {
  const rate = copyRate(openCpu());
  expect(rate).toBeGreaterThan(1e8);
  expect(rate).toBeLessThan(1e13);
  expect(copyRate(defaultDevice())).toBeGreaterThan(0);
});
