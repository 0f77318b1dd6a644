import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openDevices } from '../../cli/gpus.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';

type Facts = Pick<CudaDevice, 'name' | 'multiprocessors'> & { readonly arch: string };

const H100: Facts = { name: 'H100', arch: 'sm_90', multiprocessors: 132 };
const HALF: Facts = { ...H100, multiprocessors: 60 };
const A100: Facts = { name: 'A100', arch: 'sm_80', multiprocessors: 108 };

const machine = vi.hoisted(() => ({ gpus: [] as Facts[] }));

vi.mock('../../runtime/cuda/device.js', async () => {
  const { DeviceError } = await import('../../runtime/errors.js');
  return {
    cudaDeviceCount: () => machine.gpus.length,
    openCuda: ({ device }: { device: number }) => {
      const found = machine.gpus[device];
      if (!found)
        throw new DeviceError('system', {
          code: 'no-gpu',
          value: device,
          rule: 'there is none',
          remedy: 'buy one',
        });
      const { arch, ...facts } = found;
      return { kind: 'cuda', index: device, target: { kind: 'cuda', arch }, ...facts };
    },
  };
});

const indices = (options: Parameters<typeof openDevices>[0]) =>
  openDevices(options).devices.map((device) => (device.kind === 'cuda' ? device.index : -1));

beforeEach(() => {
  machine.gpus = [H100, A100, H100, HALF, H100];
});

describe('GPUs of a tuning', () => {
  it('are all of the model of the first, and each other one is told of', () => {
    expect(indices({ target: 'cuda' })).toEqual([0, 2, 4]);
    expect(openDevices({ target: 'cuda' }).leftOut).toEqual([
      'GPU 1, A100, is left out: times of two models do not compare, and GPU 0 is H100',
      'GPU 3, H100, is left out: times of two models do not compare, and GPU 0 is H100',
    ]);
  });

  it('are of the architecture that the target names', () => {
    expect(indices({ target: 'cuda:sm_80' })).toEqual([1]);
    expect(() => openDevices({ target: 'cuda:sm_75' })).toThrow(
      'the GPU of this machine, H100, runs cuda:sm_90',
    );
  });

  it('are those that were named, in that order', () => {
    expect(indices({ target: 'cuda', gpus: [4, 0] })).toEqual([4, 0]);
    expect(indices({ target: 'cuda', gpus: [1] })).toEqual([1]);
  });
});

it.each<[string, Parameters<typeof openDevices>[0], string]>([
  [
    'a GPU that is not there',
    { target: 'cuda', gpus: [0, 5] },
    '5: this machine shows 5 GPUs, numbered from 0',
  ],
  [
    'GPUs of two models',
    { target: 'cuda', gpus: [0, 1] },
    "'0,1': times of two models do not compare, and GPU 1 is A100",
  ],
  ['GPUs of a CPU', { target: 'cpu', gpus: [0] }, "'0': --gpus are those that --target cuda works on"],
  ['threads of GPUs', { target: 'cuda', threads: 2 }, '2: threads are those of a CPU'],
])('refuses %s', (_, options, line) => {
  expect(() => openDevices(options)).toThrow(line);
  expect(() => openDevices(options)).toThrow(expect.objectContaining({ fault: 'user' }));
});

it('says why a machine without GPUs has none', () => {
  machine.gpus = [];
  expect(() => openDevices({ target: 'cuda' })).toThrow("'cuda': there is none; buy one");
  expect(() => openDevices({ target: 'cuda', gpus: [0] })).toThrow('this machine shows 0 GPUs');
});

it('gives the processor for a CPU', () => {
  expect(openDevices({ target: 'cpu:plain', threads: 1 })).toMatchObject({
    devices: [{ kind: 'cpu', threads: 1 }],
    leftOut: [],
  });
});
