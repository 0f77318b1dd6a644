import { describe, expect, test } from 'vitest';
import { FAMILY_IDS, family } from '../../generator/families/registry.js';
import { layerName } from '../../generator/name.js';
import { PAPER_ANGLES, problem } from '../../generator/problem.js';
import { parseKernelName, schedule } from '../../generator/schedule.js';
import { anyCandidate, space } from '../../generator/space.js';
import { cpuTarget } from '../../generator/target.js';

const layer = problem({ height: 14, width: 14, kernel: 7, angles: PAPER_ANGLES, channels: 64 });
const target = cpuTarget('avx2');

describe('space', () => {
  const { candidates, refused } = space(layer, target);

  test('holds each schedule once, each legal and known by its name', () => {
    expect(candidates.length).toBeGreaterThan(10);
    expect(new Set(candidates.map(({ name }) => name)).size).toBe(candidates.length);
    for (const one of candidates) {
      expect(schedule(layer, target, one.family, one.params)).toEqual(one);
      expect(parseKernelName(one.name, target, layer.batch)).toEqual(one);
      expect(one.name.startsWith(`${layerName(layer)}__`)).toBe(true);
    }
  });

  test('begins with the default, the cheapest by the static cost', () => {
    const costs = candidates.map((one) => family(one.family).cost(layer, target, one.params));
    expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    expect(space(layer, target).candidates[0]).toEqual(candidates[0]);
  });

  test('counts by rule what it left out, so that together they are all combinations', () => {
    const combinations = FAMILY_IDS.map(family)
      .filter((one) => one.target === target.kind)
      .map((one) => Object.values(one.axes(layer, target)).reduce((all, values) => all * values.length, 1))
      .reduce((sum, count) => sum + count);
    const counts = [...refused.values()];
    expect(counts.every((count) => count > 0)).toBe(true);
    expect(candidates.length + counts.reduce((sum, count) => sum + count, 0)).toBe(combinations);
    expect(refused.size).toBeGreaterThan(0);
  });

  test('has schedules that do not change with the object that their parameters came in', () => {
    const [first, second] = [
      candidates[0]!,
      candidates.find(({ params }) => params.band !== candidates[0]!.params.band)!,
    ];
    const params: Record<string, number> = { ...first.params };
    const made = schedule(layer, target, first.family, params);
    Object.assign(params, second.params);
    expect(made).toEqual(first);
    expect(schedule(layer, target, first.family, params)).toEqual(second);
  });

  test('is empty where no family serves', () => {
    expect(space({ ...layer, op: 'dgrad' }, target).candidates).toEqual([]);
  });
});

describe('any candidate', () => {
  test('is one of the space', () => {
    expect(space(layer, target).candidates).toContainEqual(anyCandidate(layer, target));
  });

  test('or says which rule the last ones broke', () => {
    const refused = (change: object) => anyCandidate(problem({ ...layer, ...change }), target);
    expect(refused({ op: 'dgrad' })).toMatchObject({ kind: 'refusal', rule: 'kind' });
    // Most break another rule first: fewer channels share a direction than a vector has lanes.
    expect(refused({ height: 40000, width: 40000, kernel: 31 })).toMatchObject({ rule: 'slab' });
    const angles = Array.from({ length: 40 }, (_, i) => Math.PI * i * i);
    expect(refused({ angles })).toMatchObject({ rule: 'name-length' });
  });
});
