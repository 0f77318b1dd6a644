import { describe, expect, test } from 'vitest';
import { problem } from '../../../generator/problem.js';
import { planBuilder } from '../../../runtime/plan/builder.js';
import { requireSound } from '../../../runtime/plan/check.js';
import { PlanError } from '../../../runtime/plan/errors.js';
import type { Plan } from '../../../runtime/plan/plan.js';
import type { ConvolutionStep, OperationStep, Step } from '../../../runtime/plan/step.js';
import { constant, tinyPlan } from '../../support/tiny_plan.js';

const PLAN = tinyPlan();
const step = (name: string) => PLAN.steps.find((its) => its.name === name)!;
const output = (name: string) => step(name).output;

/** The plan with a step changed. */
function changed(name: string, change: (step: Step) => object): Plan {
  return {
    ...PLAN,
    steps: PLAN.steps.map((its) => (its.name === name ? ({ ...its, ...change(its) } as Step) : its)),
  };
}

/** The plan with the problem of its convolution changed. */
function asking(spec: object): Plan {
  return changed('dw', (its) => ({ problem: problem({ ...(its as ConvolutionStep).problem, ...spec }) }));
}

/** The plan with an operation changed. */
function doing(name: string, change: object): Plan {
  return changed(name, (its) => ({ operation: { ...(its as OperationStep).operation, ...change } }));
}

/** The plan with a buffer elsewhere in its arena. */
function placed(name: string, offset: number): Plan {
  const offsets = new Map(PLAN.arena.offsets).set(output(name), offset);
  return { ...PLAN, arena: { ...PLAN.arena, offsets } };
}

test('a plan of every kind of step is sound', () => {
  expect(requireSound(PLAN)).toBe(PLAN);
  const kinds = PLAN.steps.map((its) => (its.kind === 'operation' ? its.operation.kind : its.kind));
  expect(new Set(kinds).size).toBe(7);
});

describe('refused', () => {
  test.each<[string, () => Plan, RegExp]>([
    ['two steps of one name', () => changed('gelu', () => ({ name: 'up' })), /'up': two steps have one name/],
    ['a gradient', () => asking({ op: 'dgrad' }), /'dw': a convolution is fprop/],
    [
      'a convolution of planes that are none',
      () => asking({ layout: 'nchw' }),
      /'dw': a convolution reads and writes maps in its layout/,
    ],
    [
      'a norm of planes that are none',
      () => doing('norm', { planes: { pixels: 1, of: 'input' } }),
      /'norm': the input has another layout than the operation/,
    ],
    [
      'a product that leaves planes where rows are read',
      () => doing('up', { planes: { pixels: 1, of: 'output' } }),
      /'up': the output has another layout than the operation/,
    ],
    [
      'planes of more pixels than there are',
      () =>
        changed('norm', (its) => ({
          operation: { ...(its as OperationStep).operation, planes: { pixels: 7, of: 'input' } },
          input: { ...its.input, layout: 'nchw' },
        })),
      /'norm': planes have as many pixels/,
    ],
    [
      'an output of planes',
      () => {
        const builder = planBuilder({ batch: 1, height: 4, width: 4 });
        const asked = problem({ layout: 'nchw', height: 4, width: 4, kernel: 3, angles: [0], channels: 3 });
        const parameters = { weight: constant('w', [3, 3]), bias: constant('b', [3]) };
        const map = builder.convolution('dw', builder.images, { problem: asked, parameters, resid: false });
        return builder.finish({ map });
      },
      /an output is \[N,H,W,C\]/,
    ],
    ['a convolution of halves', () => asking({ dtype: 'f16' }), /'dw': a convolution is .* float32/],
    [
      'a convolution of another batch',
      () => asking({ batch: 1 }),
      /'dw': a convolution has the plan's batch/,
    ],
    ['a convolution of another size', () => asking({ height: 11 }), /'dw': the input has another size/],
    ['a convolution at another stride', () => asking({ stride: 1 }), /'dw': the output has another size/],
    ['a convolution of another length', () => asking({ kernel: 5 }), /'dw': a parameter has another shape/],
    [
      'a bias of another shape',
      () => changed('dw', () => ({ bias: constant('x', [4]) })),
      /'dw': a parameter/,
    ],
    ['a bias that is not there', () => changed('head', () => ({ bias: null })), /'head': a parameter/],
    [
      'a weight of no use',
      () => changed('gelu', () => ({ weight: constant('x', [20]) })),
      /'gelu': a parameter/,
    ],
    ['no rows', () => changed('up', () => ({ count: 0 })), /'up': an operation takes at least one/],
    [
      'more rows than there are',
      () => changed('up', () => ({ count: 61 })),
      /'up': the input has another size/,
    ],
    ['a wider product', () => doing('up', { outer: 21 }), /'up': the output has another size/],
    [
      'a residual that is not there',
      () => changed('down', () => ({ residual: null })),
      /'down': a residual is there if/,
    ],
    ['a residual of no use', () => doing('down', { residual: false }), /'down': a residual is there if/],
    [
      'a residual of another size',
      () => changed('down', () => ({ residual: output('up') })),
      /'down': the residual has another size/,
    ],
    [
      'GELU and a residual',
      () => doing('down', { gelu: 'exact' }),
      /'down': a product has GELU or a residual/,
    ],
    [
      'images that are normalized',
      () =>
        changed('patches', (its) => ({
          operation: { ...(its as OperationStep).operation, layout: 'nchw' },
          input: { ...its.input, layout: 'nchw' },
        })),
      /'patches': only pixels of maps/,
    ],
    [
      'fewer and larger images',
      () =>
        changed('stem', (its) => ({
          operation: { ...(its as OperationStep).operation, height: 24 },
          count: 1,
        })),
      /'stem': an operation on images takes the plan's batch/,
    ],
    [
      'a product over its input',
      () =>
        changed('down', (its) => ({
          residual: its.input,
          operation: { kind: 'product', inner: 20, outer: 20, normalize: false, gelu: null, residual: true },
          weight: constant('x', [20, 20]),
          bias: constant('x', [20]),
          output: its.input,
        })),
      /'down': a step writes where it reads/,
    ],
    [
      'a step left out',
      () => ({ ...PLAN, steps: PLAN.steps.filter(({ name }) => name !== 'stem') }),
      /'dw': stem is read before it is written/,
    ],
    [
      'steps in another order',
      () => ({ ...PLAN, steps: PLAN.steps.toReversed() }),
      /is read before it is written/,
    ],
    [
      'a step for nobody',
      () => ({ ...PLAN, outputs: PLAN.outputs.slice(0, 1) }),
      /'head': head is written for nobody/,
    ],
    [
      'a result written over',
      () => ({ ...PLAN, steps: [{ ...PLAN.steps[0]!, name: 'before' }, ...PLAN.steps] }),
      /'stem': stem is written over before it is read/,
    ],
    [
      'an output that is never written',
      () => ({
        ...PLAN,
        outputs: [
          ...PLAN.outputs,
          {
            name: 'more',
            buffer: { kind: 'plan-buffer', name: 'x', elements: 2, layout: 'nhwc' },
            height: 1,
            width: 1,
            channels: 1,
          },
        ],
      }),
      /'more': an output is never written/,
    ],
    [
      'an output of another size',
      () => ({ ...PLAN, outputs: PLAN.outputs.map((its) => ({ ...its, channels: 3 })) }),
      /another size than it says/,
    ],
    [
      'a buffer without a place',
      () => ({ ...PLAN, arena: { elements: 1e6, offsets: new Map() } }),
      /'images': a buffer begins at/,
    ],
    ['a buffer off the grid', () => placed('dw', 32), /'dw': a buffer begins at a multiple of 64/],
    [
      'a buffer beyond the arena',
      () => placed('dw', 64 * Math.ceil(PLAN.arena.elements / 64)),
      /'dw': a buffer lies in the arena/,
    ],
    [
      'buffers over one another',
      () => placed('dw', PLAN.arena.offsets.get(output('stem'))!),
      /'dw': it lies over stem|'stem': it lies over dw/,
    ],
  ])('%s', (_, plan, message) => {
    expect(() => requireSound(plan())).toThrow(PlanError);
    expect(() => requireSound(plan())).toThrow(message);
  });
});
