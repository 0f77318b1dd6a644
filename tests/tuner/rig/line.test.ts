import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../../tuner/candidate.js';
import { ahead, type Feed, inRounds, type Line } from '../../../tuner/rig/line.js';

/** What a line does with so many candidates, in order; a build takes a moment. */
class Works {
  readonly log: string[] = [];
  readonly lasted: (number | undefined)[] = [];
  underWay = 0;
  most = 0;
  #next = 0;

  constructor(readonly candidates: number) {}

  feed(change: Partial<Feed> = {}): Feed {
    return {
      claim: (count, lasted) => {
        this.lasted.push(lasted);
        const left = Math.min(count, this.candidates - this.#next);
        return Array.from({ length: left }, () => ({ kernel: `k${this.#next++}` }) as Candidate);
      },
      build: async (batch) => {
        this.underWay += batch.length;
        this.most = Math.max(this.most, this.underWay);
        for (const { kernel } of batch) this.log.push(`build ${kernel}`);
        await pause(2);
        this.underWay -= batch.length;
        return batch.map((candidate) => ({ kind: 'binary', candidate, path: candidate.kernel }));
      },
      ...change,
    };
  }

  /** Lets a line run, and tries what it builds, a moment each. */
  async through(line: Line, change?: Partial<Feed>): Promise<void> {
    for await (const { candidate } of line(this.feed(change))) {
      this.log.push(`try ${candidate.kernel}`);
      await pause(2);
    }
  }

  get tried(): readonly string[] {
    return this.log.filter((line) => line.startsWith('try')).map((line) => line.slice(4));
  }
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `k${i}`);

describe.each([
  ['inRounds', inRounds],
  ['ahead', ahead],
])('%s', (_, line) => {
  test.each([0, 1, 3, 7])('builds each of %i candidates once, and hands it on', async (count) => {
    const works = new Works(count);
    await works.through(line(3));
    expect(works.tried.toSorted()).toEqual(names(count));
    expect(works.log.filter((entry) => entry.startsWith('build'))).toHaveLength(count);
    expect(works.most).toBe(Math.min(count, 3));
  });

  test('claims its first ones in any case, and tells how long the latest took before the others', async () => {
    const works = new Works(7);
    await works.through(line(3));
    expect(works.lasted[0]).toBeUndefined();
    expect(works.lasted.at(-1)).toBeGreaterThan(0.9);
  });

  test('ends with a broken build, once the others are done', async () => {
    const works = new Works(7);
    const { build } = works.feed();
    const broken: Feed['build'] = async (batch) => {
      if (batch.some(({ kernel }) => kernel === 'k1')) throw new Error('no room');
      return build(batch);
    };
    await expect(works.through(line(3), { build: broken })).rejects.toThrow('no room');
    expect(works.underWay).toBe(0);
  });

  test('ends when it is left, once what it began is done', async () => {
    const works = new Works(9);
    for await (const _ of line(3)(works.feed())) break;
    expect(works.underWay).toBe(0);
    expect(works.log.length).toBeLessThan(9);
  });
});

test('inRounds builds nothing while something is tried', async () => {
  const works = new Works(4);
  await works.through(inRounds(2));
  expect(works.log).toEqual(
    [0, 2].flatMap((i) => ['build', 'try'].flatMap((verb) => [`${verb} k${i}`, `${verb} k${i + 1}`])),
  );
});

test('ahead has the next ones under way while something is tried', async () => {
  const works = new Works(4);
  await works.through(ahead(2));
  const [first] = works.log.flatMap((entry, i) => (entry.startsWith('try') ? [i] : []));
  expect(works.log.slice(0, first)).toEqual(['build k0', 'build k1', 'build k2']);
});

test('ahead takes a build that breaks during a trial for no unhandled rejection', async () => {
  const works = new Works(3);
  const { build } = works.feed();
  const late: Feed['build'] = async (batch) => {
    if (batch[0]!.kernel !== 'k2') return build(batch);
    throw new Error('late');
  };
  const seen: string[] = [];
  const run = async () => {
    for await (const { candidate } of ahead(2)(works.feed({ build: late }))) {
      seen.push(candidate.kernel);
      await pause(20);
    }
  };
  await expect(run()).rejects.toThrow('late');
  expect(seen[0]).toBe('k0');
});
