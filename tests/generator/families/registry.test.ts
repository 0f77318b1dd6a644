import { expect, test } from 'vitest';
import { FAMILY_IDS, familyOf } from '../../../generator/families/registry.js';

test.each(FAMILY_IDS)('the schedule of %s is told from those of families whose names begin alike', (id) => {
  expect(familyOf(`${id}_t7_m8`)).toBe(id);
});

test('a schedule of no family has none', () => {
  expect(familyOf('cuda_gone_t7')).toBeUndefined();
  expect(familyOf('cuda_packed')).toBeUndefined();
});
