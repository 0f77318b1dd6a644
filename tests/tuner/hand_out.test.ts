import fc from 'fast-check';
import { expect, it } from 'vitest';
import { handOut } from '../../tuner/hand_out.js';

const going = () => new AbortController().signal;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Resolves what it was asked to wait for when the test says so. */
function gates() {
  const open = new Map<string, () => void>();
  const fail = new Map<string, (error: Error) => void>();
  const wait = (name: string) =>
    new Promise<void>((resolve, reject) => {
      open.set(name, resolve);
      fail.set(name, reject);
    });
  return { open, fail, wait };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('gives the next item to the worker that gets free first', async () => {
  const { open, wait } = gates();
  const log: string[] = [];
  const all = handOut(['a', 'b', 'c', 'd'], ['slow', 'fast'], going(), async (item, { worker }) => {
    log.push(`${worker} ${item}`);
    await wait(item);
  });
  for (const item of ['b', 'c', 'd', 'a']) {
    await settled();
    open.get(item)!();
  }
  await all;
  expect(log).toEqual(['slow a', 'fast b', 'fast c', 'fast d']);
});

it('hands out each item once, and never two at once to one worker', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(12),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(3)),
      async (count, width, ticks) => {
        const busy = new Set<number>();
        const done: number[] = [];
        await handOut(range(count), range(width), going(), async (item, { worker, number, index }) => {
          expect(busy.has(worker)).toBe(false);
          busy.add(worker);
          expect([index, number]).toEqual([item, worker]);
          for (let left = ticks.next().value; left > 0; left--) await settled();
          done.push(item);
          busy.delete(worker);
        });
        expect(done.toSorted((a, b) => a - b)).toEqual(range(count));
      },
    ),
    { numRuns: 50 },
  );
});

it('counts the rounds that are left: shares of what is left come to the whole, whatever the number of workers', async () => {
  const rounds = async (count: number, width: number) => {
    const found: number[] = [];
    await handOut(range(count), range(width), going(), async (_, handed) => {
      found.push(handed.rounds);
      await settled();
    });
    return found;
  };
  expect(await rounds(4, 1)).toEqual([4, 3, 2, 1]);
  expect(await rounds(5, 2)).toEqual([3, 3, 2, 2, 1]);
  expect(await rounds(2, 4)).toEqual([1, 1]);
  expect(await rounds(0, 2)).toEqual([]);
});

it('hands nothing out after the signal, and lets what is in hand end', async () => {
  const controller = new AbortController();
  const { open, wait } = gates();
  const log: string[] = [];
  const all = handOut(['a', 'b', 'c'], [0, 1], controller.signal, async (item, _, signal) => {
    await wait(item);
    log.push(`${item} ${signal.aborted}`);
  });
  controller.abort();
  open.get('b')!();
  open.get('a')!();
  await all;
  expect(log).toEqual(['b true', 'a true']);
});

it('lets the others end what they have in hand when a worker fails, and throws what it threw', async () => {
  const { open, fail, wait } = gates();
  const log: string[] = [];
  const all = handOut(['a', 'b', 'c'], [0, 1], going(), async (item, _, signal) => {
    await wait(item);
    log.push(`${item} ${signal.aborted}`);
  });
  const outcome = all.then(
    () => 'resolved',
    (error: Error) => error.message,
  );
  fail.get('a')!(new Error('lost its GPU'));
  await settled();
  expect(await Promise.race([outcome, 'still running'])).toBe('still running');
  open.get('b')!();
  expect(await outcome).toBe('lost its GPU');
  expect(log).toEqual(['b true']);
});
