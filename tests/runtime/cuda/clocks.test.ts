import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openCuda } from '../../../runtime/cuda/device.js';
import { loadFakeCuda } from '../../support/fake_cuda.js';
import { letClocksBe, loadFakeNvml } from '../../support/fake_nvml.js';

beforeAll(loadFakeCuda);
afterEach(() => vi.unstubAllEnvs());

it("a GPU's clocks are not known without NVML, and known as soon as there is one", async () => {
  expect(openCuda().clocks()).toBeUndefined();
  await loadFakeNvml();
  letClocksBe(1755, 2619, 63, 0);
  expect(openCuda().clocks()).toEqual({ smMHz: 1755, memoryMHz: 2619, temperature: 63, throttled: [] });
});

it('they come with what keeps them down, without what is no slowdown', () => {
  const { clocks } = openCuda();
  const throttled = (reasons: number) => {
    letClocksBe(1980, 3201, 40, reasons);
    return clocks()!.throttled;
  };
  expect(throttled(0x1 | 0x2 | 0x10 | 0x100)).toEqual([]); // idle, set clocks, boost in step, display
  expect(throttled(0x4)).toEqual(['power-cap']);
  expect(throttled(0x8 | 0x20 | 0x40 | 0x80)).toEqual([
    'hardware',
    'thermal',
    'hardware-thermal',
    'power-brake',
  ]);
});

it('a device that does not tell has none', () => {
  vi.stubEnv('FAKE_NVML_FAIL', 'nvmlDeviceGetClockInfo');
  expect(openCuda().clocks()).toBeUndefined();
});
