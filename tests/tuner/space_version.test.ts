import { afterEach, expect, it, vi } from 'vitest';
import { cppSheared } from '../../generator/families/cpp_sheared/family.js';
import { cpuTarget } from '../../generator/target.js';
import { spaceVersion } from '../../tuner/space_version.js';
import { smallLayer } from '../support/tuned.js';

const layer = smallLayer(7);
const target = cpuTarget('plain');
const version = () => spaceVersion(layer, target);

vi.mock('../../generator/families/cpp_sheared/family.js', async (importOriginal) => {
  const { cppSheared } =
    await importOriginal<typeof import('../../generator/families/cpp_sheared/family.js')>();
  return { cppSheared: { ...cppSheared } };
});

afterEach(() => vi.restoreAllMocks());

it('is the same as long as nothing changes, and depends on problem and target', () => {
  expect(version()).toMatch(/^[0-9a-f]{12}$/);
  expect(version()).toBe(version());
  expect(spaceVersion(layer, { kind: 'cuda', arch: 'sm_90' })).not.toBe(version());
});

it('changes with the values of an axis', () => {
  const before = version();
  const axes = cppSheared.axes(layer, target);
  const [name, values] = Object.entries(axes)[0]!;
  vi.spyOn(cppSheared, 'axes').mockReturnValue({ ...axes, [name]: [...values, 99] });
  expect(version()).not.toBe(before);
});

it('changes with the rules', () => {
  const before = version();
  const rules = cppSheared.rules.slice(1);
  vi.spyOn(cppSheared, 'rules', 'get').mockReturnValue(rules);
  expect(version()).not.toBe(before);
});
