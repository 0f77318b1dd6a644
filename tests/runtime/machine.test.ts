import { expect, it } from 'vitest';
import { machine, machineName } from '../../runtime/machine.js';

it('describes this machine, the same every time', () => {
  const here = machine();
  expect(here.logicalCores).toBeGreaterThan(0);
  expect(here.memoryBytes).toBeGreaterThan(0);
  expect(here.node).toBe(process.version);
  expect(here.name).toMatch(/^[a-z0-9-]+_(avx512|avx2|plain)_\d+c(_l3-\d+m)?$/);
  expect(machine()).toEqual(here);
});

it.each([
  ['Intel(R) Xeon(R) Platinum 8480+ CPU @ 2.00GHz', 56, 105, 'intel-xeon-platinum-8480_avx512_56c_l3-105m'],
  ['AMD EPYC 9654 96-Core Processor', 192, 32, 'amd-epyc-9654-96-core_avx512_192c_l3-32m'],
  ['AMD EPYC', 2, undefined, 'amd-epyc_avx512_2c'],
])('names %s', (cpu, logicalCores, mebibytes, name) => {
  const l3 = mebibytes === undefined ? {} : { l3Bytes: mebibytes * 2 ** 20 };
  expect(machineName({ cpu, isa: 'avx512', logicalCores, ...l3 })).toBe(name);
});
