import { spawnSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../generator/package.js';
import { ISAS } from '../../generator/target.js';
import { type Addon, addon } from '../../runtime/addon.js';
import type { Shape } from '../../runtime/shape.js';
import { naiveGradientBinary } from '../support/naive_gradient.js';
import { probeShape, probes } from '../support/probes.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const ONE_TAP: Shape = {
  op: 0,
  layout: 1,
  channels: 2,
  height: 3,
  width: 1,
  stride: 1,
  kernel: 1,
  first: Int32Array.of(0, 2),
  dy: Int32Array.of(0),
  dx: Int32Array.of(0),
};

const general = (shape = ONE_TAP) => addon().kernel(null, 'general', shape);
const doubling = () => addon().weights(general(), Float32Array.of(2, 2), null, false);

describe('allocate', () => {
  it('gives zeroed memory of just that size', () => {
    for (const bytes of [0, 1, 4, 100, 5 << 20]) {
      const buffer = addon().allocate(bytes);
      expect(buffer.byteLength).toBe(bytes);
      expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true);
    }
  });

  it('aligns memory, packed weights and scratch to cache lines, and large memory to huge pages', async () => {
    const path = await probes();
    for (const elements of [3, 1000, 3 << 20]) {
      const shape = probeShape(elements);
      const weights = addon().weights(
        addon().kernel(path, 'aligned', shape),
        new Float32Array(1),
        null,
        false,
      );
      const input = new Float32Array(addon().allocate(4 * elements));
      const output = new Float32Array(elements);
      addon().launch(weights, addon().pool(1), input, output, 1).run();
      expect(output[0]).toBeGreaterThanOrEqual(elements < 1 << 20 ? 64 : 2 << 20);
      expect(output[1]).toBeGreaterThanOrEqual(64);
      expect(output[2]).toBeGreaterThanOrEqual(64);
    }
  });

  it('refuses what is no size', () => {
    for (const bytes of [-1, Number.NaN, 2 ** 60, '4' as unknown as number])
      expect(() => addon().allocate(bytes)).toThrow(RangeError);
  });

  it('says so when there is no such memory', () => {
    expect(() => addon().allocate(2 ** 51)).toThrow(/alloc/);
  });
});

describe('kernel', () => {
  it('says which file is missing', () => {
    expect(() => addon().kernel('/nowhere/kernel.so', 'x', ONE_TAP)).toThrow(/\/nowhere\/kernel\.so/);
  });

  it('says which symbol is missing', async () => {
    const path = await probes();
    expect(() => addon().kernel(path, 'absent', ONE_TAP)).toThrow(/absent/);
  });

  it('refuses another ABI', async () => {
    const path = await probes();
    expect(() => addon().kernel(path, 'foreign', ONE_TAP)).toThrow(
      'foreign has kernel ABI 99, this addon has 1',
    );
  });

  it.each<[string, Partial<Record<keyof Shape, unknown>>]>([
    ['layout', { layout: 2 }],
    ['channels', { channels: 0 }],
    ['height', { height: 1.5 }],
    ['stride', { stride: '1' }],
    ['first', { first: Int32Array.of(0, 1) }],
    ['first', { first: Int32Array.of(0, 2, 1, 2), dy: new Int32Array(3), dx: new Int32Array(3) }],
    ['dy', { dy: Int32Array.of(0, 0) }],
    ['dx', { dx: [0] }],
  ])('refuses a shape with a wrong %s', (name, change) => {
    expect(() => general({ ...ONE_TAP, ...change } as Shape)).toThrow(name);
  });
});

describe('resample', () => {
  const filter = (first: readonly number[], weights: readonly number[]) => ({
    first: Int32Array.from(first),
    weights: Int32Array.from(weights),
  });
  const ONE = 2 ** 22;
  const [down, across] = [filter([1], [ONE, ONE / 2]), filter([0, 1], [ONE, -ONE])];
  const pixels = Uint8Array.from({ length: 18 }, (_, i) => 10 * i);

  it('adds up along rows and then along columns, and keeps to bytes', () => {
    const output = new Uint8Array(6);
    addon().resample(pixels, 3, 2, down, across, output);
    // The second column is less than nothing; of the first, the second row and half of the third.
    expect([...output]).toEqual([120, 135, 150, 0, 0, 0]);
  });

  it.each<[string, Parameters<Addon['resample']>]>([
    ['pixels has 17 elements, not 18', [pixels.subarray(1), 3, 2, down, across, new Uint8Array(6)]],
    ['output has 5 elements, not 6', [pixels, 3, 2, down, across, new Uint8Array(5)]],
    ['rows must be a whole number', [pixels, 0, 2, down, across, new Uint8Array(6)]],
    [
      'down must be a filter of what is there',
      [pixels, 3, 2, filter([2], [ONE, ONE]), across, new Uint8Array(6)],
    ],
    [
      'across must be a filter of what is there',
      [pixels, 3, 2, down, filter([-1], [ONE]), new Uint8Array(3)],
    ],
    [
      'across must be a filter of what is there',
      [pixels, 3, 2, down, filter([0, 0], [1, 1, 1]), new Uint8Array(6)],
    ],
    ['across must be a filter of what is there', [pixels, 3, 2, down, filter([], []), new Uint8Array(0)]],
  ])('refuses: %s', (words, given) => {
    expect(() => addon().resample(...given)).toThrow(words);
  });
});

describe('weights, launch, reference and copy', () => {
  it('refuse handles of another kind', () => {
    const pool = addon().pool(1) as never;
    expect(() => addon().weights(pool, Float32Array.of(2, 2), null, false)).toThrow('expected a kernel');
    expect(() => addon().launch(pool, pool, new Float32Array(6), new Float32Array(6), 1)).toThrow(
      'packed weights',
    );
    expect(() => addon().copy(new Float32Array(1), new Float32Array(1), {} as never)).toThrow(
      'expected a pool',
    );
  });

  it('refuse wrong lengths and types', () => {
    const launch: Addon['launch'] = addon().launch;
    const pool = addon().pool(1);
    const [six, five] = [new Float32Array(6), new Float32Array(5)];
    expect(() => addon().weights(general(), Float32Array.of(2), null, false)).toThrow(
      'weight has 1 elements, not 2',
    );
    expect(() => addon().weights(general(), Float32Array.of(2, 2), five, false)).toThrow(
      'bias has 5 elements',
    );
    expect(() => launch(doubling(), pool, five, six, 1)).toThrow('input has 5 elements, not 6');
    expect(() => launch(doubling(), pool, six, five, 1)).toThrow('output has 5 elements, not 6');
    expect(() => launch(doubling(), pool, six, six, 0)).toThrow('batch must be a whole number from 1');
    expect(() => launch(doubling(), pool, new Float64Array(6) as never, six, 1)).toThrow(
      'input must be a Float32Array',
    );
    expect(() => addon().copy(five, six, pool)).toThrow('destination has 5 elements, not 6');
    expect(() => addon().pool(0)).toThrow('threads must be a whole number from 1');
    expect(() =>
      addon().reference(ONE_TAP, Float32Array.of(2, 2), null, false, six, new Float64Array(5), 1),
    ).toThrow('output has 5 elements, not 6');
  });

  it('a launch keeps all that it needs alive', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { run } = addon().launch(doubling(), addon().pool(2), new Float32Array(6), new Float32Array(6), 1);
    for (let i = 0; i < 3; i++) {
      collect();
      run();
    }
  });

  it('a launch notices that an array was transferred away', async () => {
    const input = new Float32Array(6);
    const { run, runAsync } = addon().launch(doubling(), addon().pool(1), input, new Float32Array(6), 1);
    run();
    structuredClone(input.buffer, { transfer: [input.buffer] });
    expect(run).toThrow('transferred');
    expect(runAsync).toThrow('transferred');
  });

  it('copy copies, on any number of threads', () => {
    const source = Float32Array.from({ length: 10_007 }, (_, i) => i);
    for (const threads of [1, 2, 3]) {
      const destination = new Float32Array(source.length);
      addon().copy(destination, source, addon().pool(threads));
      expect(destination).toEqual(source);
    }
  });
});

describe('gradient', () => {
  const wgrad = { ...ONE_TAP, op: 2 };
  const backward = { ...ONE_TAP, op: 3 };
  const six = () => new Float32Array(6);
  const two = () => new Float32Array(2);

  it('has a general kernel of wgrad, and of nothing else', () => {
    expect(() => addon().gradient(null, 'general', wgrad)).not.toThrow();
    for (const op of [0, 1, 3])
      expect(() => addon().gradient(null, 'general', { ...ONE_TAP, op })).toThrow('no general kernel');
    expect(() => general(wgrad)).toThrow('no general kernel of this operation');
    expect(() => general({ ...ONE_TAP, op: 4 })).toThrow('op must be 0 (fprop), 1 (dgrad), 2 (wgrad) or 3');
  });

  it('refuses another ABI, handles of another kind, and weights that do not belong', async () => {
    const path = await probes();
    expect(() => addon().gradient(path, 'foreign', wgrad)).toThrow('foreign has kernel ABI 99');
    expect(() => addon().gradientWeights(general() as never, null, false)).toThrow(
      'expected a gradient kernel',
    );
    const kernel = addon().gradient(null, 'general', wgrad);
    expect(() => addon().gradientWeights(kernel, two(), false)).toThrow('weight must be there for backward');
    const naive = addon().gradient(
      await naiveGradientBinary('backward', temporaryFolder()),
      'naive',
      backward,
    );
    expect(() => addon().gradientWeights(naive, null, false)).toThrow('weight must be there for backward');
    expect(() => addon().gradientWeights(naive, six(), false)).toThrow('weight has 6 elements, not 2');
  });

  it('refuses arrays of wrong lengths, and dx where it is not written', () => {
    const pool = addon().pool(1);
    const weights = addon().gradientWeights(addon().gradient(null, 'general', wgrad), null, false);
    const bind = (arrays: (Float32Array | null)[], batch = 1) =>
      addon().gradientLaunch(
        weights,
        pool,
        ...(arrays as [Float32Array, Float32Array, null, Float32Array, Float32Array]),
        batch,
      );
    expect(() => bind([six(), six(), null, two(), two()])).not.toThrow();
    expect(() => bind([two(), six(), null, two(), two()])).toThrow('input has 2 elements, not 6');
    expect(() => bind([six(), two(), null, two(), two()])).toThrow('grad has 2 elements, not 6');
    expect(() => bind([six(), six(), null, six(), two()])).toThrow('weightGrad has 6 elements, not 2');
    expect(() => bind([six(), six(), null, two(), six()])).toThrow('biasGrad has 6 elements, not 2');
    expect(() => bind([six(), six(), six(), two(), two()])).toThrow('inputGrad must be there for backward');
    expect(() => bind([six(), six(), null, two(), two()], 0)).toThrow('batch must be a whole number from 1');
    const doubles = (length: number) => new Float64Array(length);
    expect(() => addon().referenceGradient(wgrad, six(), six(), doubles(1), doubles(2), 1)).toThrow(
      'weightGrad has 1 elements, not 2',
    );
  });
});

describe('pool', () => {
  it('does every unit once, however many there are', async () => {
    const path = await probes();
    for (const threads of [1, 2, 3, 4]) {
      const pool = addon().pool(threads);
      for (const units of [1, 2, 3, 7, 64, 1000]) {
        const shape = probeShape(units, 8 * units); // every launch wants more scratch than the last
        const kernel = addon().kernel(path, 'counting', shape);
        const weights = addon().weights(kernel, new Float32Array(8 * units), null, false);
        const output = new Float32Array(2 * units);
        const { run } = addon().launch(weights, pool, new Float32Array(2 * units), output, 2);
        for (let i = 0; i < 20; i++) run();
        expect(output.every((count) => count === 20)).toBe(true);
      }
    }
  });
});

describe('run and runAsync', () => {
  it('give the same, and take turns on one pool', async () => {
    for (const threads of [1, 3]) {
      const pool = addon().pool(threads);
      const shape = { ...ONE_TAP, height: 64, width: 64 };
      const weights = addon().weights(general(shape), Float32Array.of(2, 3), null, false);
      const input = Float32Array.from({ length: 2 * 64 * 64 }, (_, i) => i % 100);
      const outputs = Array.from({ length: 6 }, () => new Float32Array(input.length));
      const launches = outputs.map((output) => addon().launch(weights, pool, input, output, 1));
      const pending = launches.slice(1).map((launch) => launch.runAsync());
      for (let i = 0; i < 50; i++) launches[0]!.run();
      await Promise.all(pending);
      const expected = input.map((v, i) => v * (i % 2 === 0 ? 2 : 3));
      for (const output of outputs) expect(output).toEqual(expected);
    }
  });
});

it('isa is one that the generator knows', () => {
  expect(ISAS).toContain(addon().isa());
});

describe.runIf(process.platform === 'linux')('endWithParent', () => {
  /** How a process ends that calls it with a number. */
  const ending = (parent: string) => {
    const path = JSON.stringify(packagePath('build', 'Release', 'oriented1d.node'));
    const { status, signal } = spawnSync(process.execPath, [
      '-e',
      `require(${path}).endWithParent(${parent})`,
    ]);
    return { status, signal };
  };

  it('lets a process live whose parent does', () =>
    expect(ending('process.ppid')).toEqual({ status: 0, signal: null }));

  it('ends one at once that has lost its parent before', () =>
    expect(ending('process.pid')).toEqual({ status: null, signal: 'SIGKILL' }));

  it('refuses what is no process', () => expect(() => addon().endWithParent(0)).toThrow(TypeError));
});
