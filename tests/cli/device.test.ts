import { expect, it, vi } from 'vitest';
import { openDevice, ranOn, whereText } from '../../cli/device.js';
import { addon } from '../../runtime/addon.js';

vi.mock('../../runtime/cuda/device.js', () => ({
  openCuda: () => ({ kind: 'cuda', name: 'A GPU', target: { kind: 'cuda', arch: 'sm_90' } }),
}));

it.each(['cuda', 'cuda:sm_90'])('takes %s for the GPU that there is', (target) => {
  const device = openDevice(target);
  expect(ranOn(device)).toEqual({ target: 'cuda:sm_90', device: 'A GPU' });
  expect(whereText(ranOn(device))).toBe('cuda:sm_90, A GPU');
});

it('takes a processor with its threads', () => {
  const ran = ranOn(openDevice('cpu', 2));
  expect(ran).toEqual({ target: `cpu:${addon().isa()}`, threads: 2 });
  expect(whereText(ran)).toBe(`cpu:${addon().isa()}, 2 threads`);
});

it.each<[string, () => unknown, string]>([
  [
    'another GPU',
    () => openDevice('cuda:sm_80'),
    "'cuda:sm_80': the GPU of this machine, A GPU, runs cuda:sm_90; use --target cuda",
  ],
  ['threads of a GPU', () => openDevice('cuda', 2), '2: threads are those of a CPU, and the target is a GPU'],
])('refuses %s', (_, open, line) => {
  expect(open).toThrow(line);
  expect(open).toThrow(expect.objectContaining({ fault: 'user' }));
});
