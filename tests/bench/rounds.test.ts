import { expect, test } from 'vitest';
import { sampleInRounds } from '../../bench/rounds.js';

test('each is sampled twice a round, the second kept, in an order that changes, and gets its own samples back', async () => {
  const calls: number[] = [];
  let rounds = 0;
  const samplers = [0, 1, 2, 3].map((id) => () => {
    const kept = calls.at(-1) === id;
    calls.push(id);
    const value = kept ? 100 * id + rounds : Number.NaN;
    return id % 2 === 0 ? value : Promise.resolve(value);
  });
  const samples = await sampleInRounds(samplers, 8, () => rounds++);
  expect(rounds).toBe(9); // one of them warms up
  expect(samples).toEqual(samplers.map((_, id) => Array.from({ length: 8 }, (_, i) => 100 * id + i + 1)));
  const orders = Array.from({ length: 9 }, (_, i) => calls.slice(8 * i, 8 * i + 8));
  for (const order of orders) {
    expect(order.toSorted()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    for (let i = 0; i < 8; i += 2) expect(order[i]).toBe(order[i + 1]);
  }
  expect(new Set(orders.map(String)).size).toBeGreaterThan(3);
});

test('what one of them throws ends it', async () => {
  const broken = () => Promise.reject(new Error('gone'));
  await expect(sampleInRounds([() => 1, broken], 3, () => {})).rejects.toThrow('gone');
});

test('the event loop turns between rounds, so that Ctrl-C is heard', async () => {
  let turns = 0;
  const turning = setInterval(() => turns++, 0);
  const busy = () => {
    const until = performance.now() + 2;
    while (performance.now() < until);
    return 1;
  };
  await sampleInRounds([busy], 5, () => {});
  clearInterval(turning);
  expect(turns).toBeGreaterThan(2);
});

test('who has enough ends them early, after a whole round', async () => {
  const asked: number[] = [];
  const isEnough = (rounds: number) => asked.push(rounds) > 3;
  const samples = await sampleInRounds([() => 1, () => 2], 8, () => {}, isEnough);
  expect(asked).toEqual([0, 1, 2, 3]);
  expect(samples).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ]);
});
