import { expect, test } from 'vitest';
import { gpuList, shard } from '../../cli/tuning_values.js';

test('a share is the Ith of N', () => {
  expect(shard('2/8')).toEqual({ index: 2, count: 8 });
  for (const text of ['0/2', '3/2', '1', '1/0', '1/2/3', '-1/2', '1.5/2', '01/2', ' 1/2', ''])
    expect(() => shard(text), text).toThrow('a share is I/N, the Ith of N, with I from 1 to N');
});

test('GPUs are distinct numbers from 0', () => {
  expect(gpuList('0')).toEqual([0]);
  expect(gpuList('3,1')).toEqual([3, 1]);
  for (const text of ['', '0,', '0,0', '0,00', '-1', '1.5', 'all', '0;1'])
    expect(() => gpuList(text), text).toThrow('GPUs are numbers from 0 with commas between them, each once');
});
