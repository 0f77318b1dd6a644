import fc from 'fast-check';
import { expect, test } from 'vitest';
import { family } from '../../generator/families/registry.js';
import { nearestSchedule } from '../../generator/nearest_schedule.js';
import { problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { space } from '../../generator/space.js';
import { cpuTarget, readTarget } from '../../generator/target.js';

const CPU = cpuTarget('avx2');
const layer = (angles: readonly number[]) =>
  problem({ height: 9, width: 9, kernel: 5, angles, channels: 32, batch: 2 });

const changes = (a: object, b: object) =>
  Object.entries(a).filter(([name, value]) => value !== b[name as keyof typeof b]).length;

test('legal parameters stay as they are; of others as few change as need be', () => {
  const [asked, other] = [layer([22.5]), layer([0, 45, 90])];
  const { candidates } = space(asked, CPU);
  fc.assert(
    fc.property(fc.constantFrom(...space(other, CPU).candidates), ({ family: id, params }) => {
      const found = nearestSchedule(asked, CPU, id, params);
      const own = candidates.filter((one) => one.family === id);
      const least = Math.min(...own.map((one) => changes(one.params, params)));
      if (least > 2) expect(found).toBeUndefined();
      else expect(changes(found!.params, params)).toBe(least);
      if (least === 0) expect(found!.params).toEqual(params);
    }),
    { numRuns: 40 },
  );
});

test('the order of directions is dropped where there is one, and nothing else', () => {
  const target = readTarget('cuda:sm_90');
  const asked = problem({
    ...{ op: 'backward', layout: 'nchw', height: 56, width: 56, kernel: 31, channels: 512, batch: 64 },
    angles: [67.5],
  });
  const id = 'cuda_packed_grad';
  const letters = Object.entries(family(id).letters);
  const values = { ts: 7, tl: 7, nt: 128, ni: 1, i: 4, b: 0, o: 1, d: 1, m: 5 };
  const params = Object.fromEntries(
    letters.map(([name, letter]) => [name, values[letter as keyof typeof values]]),
  );
  expect(schedule(asked, target, id, params)).toMatchObject({ kind: 'refusal', rule: 'order-ranges' });
  expect(nearestSchedule(asked, target, id, params)?.params).toEqual(orderless(params));
});

/** The same with its order at 0, whatever the parameter is called. */
function orderless(params: Readonly<Record<string, number>>): Record<string, number> {
  const [name] = Object.entries(family('cuda_packed_grad').letters).find(([, letter]) => letter === 'o')!;
  return { ...params, [name]: 0 };
}
