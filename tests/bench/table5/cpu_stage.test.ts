import { beforeAll, describe, expect, test } from 'vitest';
import { type Cell, cellProblem } from '../../../bench/table5/cell.js';
import { cpuTableStage } from '../../../bench/table5/cpu_stage.js';
import { cpuMean, cpuMeanText, MEAN } from '../../../bench/table5/mean.js';
import { MEASURES } from '../../../bench/table5/measure.js';
import type { LayerKernels } from '../../../bench/table5/stage.js';
import { LAYOUTS, type Op, problem } from '../../../generator/problem.js';
import type { Schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { space } from '../../../generator/space.js';
import { type Compiler, compile, compilerFlags, findCompiler } from '../../../runtime/compiler.js';
import { openCpu } from '../../../runtime/cpu.js';
import { noise } from '../../../tuner/noise.js';
import { mulberry32 } from '../../../tuner/random.js';

// Plain kernels compile fastest.
const device = openCpu({ threads: 1, isa: 'plain' });
let compiler: Compiler;
let mean: string;

const built = (name: string, text: string) =>
  compile(compiler, { name, text, flags: compilerFlags(compiler, device.target.isa) });

beforeAll(async () => {
  compiler = (await findCompiler())!;
  mean = await built(MEAN, cpuMeanText());
});

describe('the mean', () => {
  test.each([1, 5, 17, 4095, 4099, 70_001])('of %i elements', (elements) => {
    const x = noise(new Float32Array(elements), mulberry32(elements)).map((value) => value + 3);
    const to = new Float32Array(1);
    const like = problem({ height: 1, width: elements, kernel: 3, angles: [0] });
    for (const threads of [1, 3]) {
      cpuMean(openCpu({ threads }), mean, like)(x, to)();
      const exact = x.reduce((sum, value) => sum + value, 0) / elements;
      expect(to[0]).toBeCloseTo(exact, 5);
    }
  });

  test('is of the whole tensor, whatever its layout, and nothing else of db is written', () => {
    const like = problem({ height: 3, width: 5, kernel: 3, angles: [0], channels: 2, batch: 4, stride: 1 });
    const x = Float32Array.from({ length: 120 }, (_, i) => i);
    const to = Float32Array.of(-1, -1);
    cpuMean(device, mean, like)(x, to)();
    expect([...to]).toEqual([59.5, -1]);
  });
});

const CELL: Cell = {
  ...{ kind: 'cell', layout: 'nhwc', dtype: 'f32', size: 6, kernel: 3, batch: 3, channels: 16 },
};

async function kernelsOf(cell: Cell, angles: readonly number[]) {
  const contestant = async (op: Op) => {
    const layer = cellProblem(cell, op, angles);
    const made = source(space(layer, device.target).candidates[0] as Schedule);
    return { problem: layer, kernel: made.name, path: await built(made.name, made.text) };
  };
  const [fprop, wgrad, backward] = [
    await contestant('fprop'),
    await contestant('wgrad'),
    await contestant('backward'),
  ];
  return { fprop, wgrad, backward } satisfies LayerKernels;
}

test.each(LAYOUTS)('every measure of layers of %s is a time, and so is every copy', async (layout) => {
  const cell = { ...CELL, layout };
  const stage = cpuTableStage(device, cell, mean);
  expect(stage.sets).toBeGreaterThanOrEqual(2);
  for (const angles of [[22.5], [0, 90]]) {
    const acts = stage.load(await kernelsOf(cell, angles));
    expect(Object.keys(acts).toSorted()).toEqual([...MEASURES].toSorted());
    for (const measure of MEASURES) expect(await acts[measure](), measure).toBeGreaterThan(0);
  }
  for (const floor of ['pass', 'backward'] as const) expect(await stage.copy(floor)()).toBeGreaterThan(0);
  stage.close();
});

test('a kernel that computes another angle is not timed', async () => {
  const stage = cpuTableStage(device, CELL, mean);
  const [asked, other] = [await kernelsOf(CELL, [0]), await kernelsOf(CELL, [90])];
  for (const op of ['fprop', 'wgrad', 'backward'] as const) {
    const wrong = { ...other[op], problem: asked[op].problem };
    expect(() => stage.load({ ...asked, [op]: wrong }), op).toThrow(
      expect.objectContaining({ code: 'kernel-wrong', value: other[op].kernel }),
    );
  }
});
