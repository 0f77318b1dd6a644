import { expect, test } from 'vitest';
import { type Cell, cellProblem } from '../../bench/table5/cell.js';
import { layerName } from '../../generator/name.js';
import { packagePath } from '../../generator/package.js';
import { OPS, type Problem, problem } from '../../generator/problem.js';
import { space } from '../../generator/space.js';
import { cpuTarget, readTarget } from '../../generator/target.js';
import { chooseKernel, incumbentKernel, type Kernels } from '../../runtime/kernel_choice.js';
import { openLibrary } from '../../runtime/open_library.js';

const CELL: Cell = {
  ...{ kind: 'cell', layout: 'nhwc', dtype: 'f32', size: 14, kernel: 7, batch: 2, channels: 512 },
};
const LIBRARY = openLibrary(packagePath('generated'));

const kernels = (target: Kernels['target'], won?: (problem: Problem) => string | undefined): Kernels => ({
  target,
  library: LIBRARY,
  tuned: won ?? (() => undefined),
});

test.each(['cpu:avx512', 'cuda:sm_90'])("on %s the layer of all eight angles is the library's", (name) => {
  const target = readTarget(name);
  for (const op of OPS) {
    const layer = cellProblem(CELL, op);
    const { schedule, origin, problem, entry } = chooseKernel(layer, kernels(target))!;
    expect(origin).toBe('published');
    expect(problem).toBe(layer);
    expect(entry).toMatchObject({ name: schedule.name, target: name });
  }
});

test.each(['cpu:avx512', 'cuda:sm_90'])('on %s a layer of one angle takes its parameters', (name) => {
  const target = readTarget(name);
  for (const op of OPS) {
    const whole = chooseKernel(cellProblem(CELL, op), kernels(target))!;
    const one = chooseKernel(cellProblem(CELL, op, [10]), kernels(target))!; // which nobody tunes
    expect(one.origin).toBe('transferred');
    expect(one.schedule.family).toBe(whole.schedule.family);
    const names = Object.keys(whole.schedule.params);
    const kept = names.filter((key) => one.schedule.params[key] === whole.schedule.params[key]);
    expect(names.length - kept.length).toBeLessThanOrEqual(name === 'cpu:avx512' ? 0 : 1);
    expect(one.schedule.problem.angles).toEqual([10]);
    expect(one.entry).toBeUndefined();
  }
});

test('what this machine has tuned comes first, also for what it gives to layers of one angle', () => {
  const target = cpuTarget('avx512');
  const whole = cellProblem(CELL, 'fprop');
  const own = space(whole, target).candidates.at(-1)!;
  const choose = (asked: Problem) =>
    chooseKernel(
      asked,
      kernels(target, (problem) => (layerName(problem) === layerName(whole) ? own.name : undefined)),
    )!;
  expect(choose(whole)).toMatchObject({ origin: 'tuned', schedule: { name: own.name } });
  expect(choose(cellProblem(CELL, 'dgrad'))).toMatchObject({ origin: 'tuned', problem: { op: 'dgrad' } });
  const one = choose(cellProblem(CELL, 'fprop', [45]));
  expect(one).toMatchObject({ origin: 'transferred', schedule: { params: own.params } });
});

test('what was measured alone is the incumbent: the same kernels, no default, and square filters have theirs', () => {
  const target = readTarget('cuda:sm_90');
  for (const angles of [undefined, [45]]) {
    const layer = cellProblem(CELL, 'backward', angles);
    expect(incumbentKernel(layer, kernels(target))).toEqual(chooseKernel(layer, kernels(target)));
  }
  const square = problem({ filter: 'square', height: 56, width: 56, kernel: 7, channels: 96 });
  expect(incumbentKernel(square, kernels(target))).toMatchObject({ origin: 'published' });
});

test('layers that nobody knows get the default of all eight angles, one that has no kernel none', () => {
  const target = cpuTarget('avx2');
  const unknown = { ...CELL, channels: 24 };
  const whole = cellProblem(unknown, 'wgrad');
  const [first] = space(whole, target).candidates;
  expect(chooseKernel(whole, kernels(target))).toMatchObject({
    origin: 'default',
    schedule: { name: first!.name },
  });
  const one = chooseKernel(cellProblem(unknown, 'wgrad', [45]), kernels(target))!;
  expect(one).toMatchObject({
    origin: 'default',
    schedule: { params: first!.params, problem: { angles: [45] } },
  });
  expect(incumbentKernel(whole, kernels(target))).toBeUndefined();
  expect(chooseKernel(cellProblem({ ...CELL, dtype: 'bf16' }, 'fprop'), kernels(target))).toBeUndefined();
});
