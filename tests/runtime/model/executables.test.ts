import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CpuDevice } from '../../../runtime/cpu.js';
import { DeviceError } from '../../../runtime/errors.js';
import { type Executables, executables } from '../../../runtime/model/executables.js';
import type { Executable } from '../../../runtime/plan/executable.js';
import type { Plan } from '../../../runtime/plan/plan.js';
import { FUSIONS, smallWeights } from '../../support/small_networks.js';

// What is prepared and given back, on a device that only keeps count.

const device = vi.hoisted(() => ({ log: [] as string[], refusals: [] as Error[] }));

vi.mock('../../../runtime/plan/open_plan.js', () => ({
  fusionOf: () => FUSIONS[0],
  async openPlan(plan: Plan): Promise<Partial<Executable>> {
    const name = `${plan.outputs.length === 1 ? 'classes' : 'features'} ${plan.batch}`;
    const refusal = device.refusals.shift();
    device.log.push(refusal ? `refuse ${name}` : `open ${name}`);
    if (refusal) throw refusal;
    return { plan, close: () => void device.log.push(`close ${name}`) };
  },
}));

const extent = (batch: number) => ({ batch, height: 32, width: 32 });
const refusal = (code: string) => new DeviceError('system', { code, value: 1, rule: 'no', remedy: 'none' });

/** What was opened and closed since. */
function log(): string[] {
  return device.log.splice(0);
}

let kept: Executables;
beforeEach(async () => {
  kept = executables(await smallWeights('2d'), { kind: 'cpu' } as CpuDevice, {});
});
afterEach(() => void log());

const use = (batch: number) => kept.use('classes', extent(batch), async ({ plan }) => plan.batch);

test('the latest four are kept, and the one that was used longest ago makes room', async () => {
  for (const batch of [1, 2, 3, 4, 1]) expect(await use(batch)).toBe(batch);
  expect(log()).toEqual([1, 2, 3, 4].map((batch) => `open classes ${batch}`));
  await use(5);
  await use(1);
  await kept.use('features', extent(1), async () => undefined);
  expect(log()).toEqual(['close classes 2', 'open classes 5', 'close classes 3', 'open features 1']);
  await kept.close();
  expect(log()).toEqual(['close classes 4', 'close classes 5', 'close classes 1', 'close features 1']);
});

test('one at a time, in the order of the calls', async () => {
  const order: string[] = [];
  const slow = (batch: number) =>
    kept.use('classes', extent(batch), async () => {
      order.push(`begin ${batch}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`end ${batch}`);
    });
  await Promise.all([slow(1), slow(2), slow(1)]);
  expect(order).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 1', 'end 1']);
});

test('where memory is short, the others are given back, and it is tried once more', async () => {
  await use(1);
  await use(2);
  device.refusals.push(refusal('plan-memory'));
  expect(await use(3)).toBe(3);
  expect(log().slice(2)).toEqual([
    'refuse classes 3',
    'close classes 1',
    'close classes 2',
    'open classes 3',
  ]);
  device.refusals.push(refusal('cuda-memory'), refusal('plan-memory'));
  await expect(use(4)).rejects.toThrow(DeviceError);
  expect(log()).toEqual(['refuse classes 4', 'close classes 3', 'refuse classes 4']);
  device.refusals.push(refusal('tensor-memory'));
  await expect(use(5)).rejects.toThrow(DeviceError);
  expect(log()).toEqual(['refuse classes 5']);
});

test('what fails for another reason is not tried again, and what was kept stays', async () => {
  await use(1);
  device.refusals.push(refusal('compile'));
  await expect(use(2)).rejects.toThrow(DeviceError);
  await use(1);
  expect(log()).toEqual(['open classes 1', 'refuse classes 2']);
});
