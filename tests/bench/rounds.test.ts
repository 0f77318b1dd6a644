import { expect, test } from 'vitest';
import { sampleInRounds } from '../../bench/rounds.js';

test('each is sampled once a round, in an order that changes, and gets its own samples back', async () => {
  const calls: number[] = [];
  let rounds = 0;
  const samplers = [0, 1, 2, 3].map((id) => () => {
    calls.push(id);
    return id % 2 === 0 ? 100 * id + rounds : Promise.resolve(100 * id + rounds);
  });
  const samples = await sampleInRounds(samplers, 8, () => rounds++);
  expect(rounds).toBe(9); // one of them warms up
  expect(samples).toEqual(samplers.map((_, id) => Array.from({ length: 8 }, (_, i) => 100 * id + i + 1)));
  const orders = Array.from({ length: 9 }, (_, i) => calls.slice(4 * i, 4 * i + 4));
  for (const order of orders) expect(order.toSorted()).toEqual([0, 1, 2, 3]);
  expect(new Set(orders.map(String)).size).toBeGreaterThan(3);
});

test('what one of them throws ends it', async () => {
  const broken = () => Promise.reject(new Error('gone'));
  await expect(sampleInRounds([() => 1, broken], 3, () => {})).rejects.toThrow('gone');
});
