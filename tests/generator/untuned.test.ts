import { describe, expect, it } from 'vitest';
import { type ProblemSpec, problem } from '../../generator/problem.js';
import { schedule } from '../../generator/schedule.js';
import { space } from '../../generator/space.js';
import { cpuTarget } from '../../generator/target.js';
import { untunedSchedule } from '../../generator/untuned.js';
import { notRefused } from '../support/not_refused.js';

const target = cpuTarget('avx512');

function layer(spec: Partial<ProblemSpec>) {
  return problem({ height: 14, width: 14, kernel: 5, angles: [0, 45], channels: 16, ...spec });
}

function tuned(spec: Partial<ProblemSpec>, length: number): string {
  const params = { length, lanes: 8, depth: 1, band: 0, prefetch: 0, stream: 0 };
  const made = notRefused(schedule(layer(spec), target, 'cpp_sheared', params));
  return made.name;
}

describe('the schedule of a layer that was never tuned', () => {
  it('takes the parameters of the layer most like it, by the size of its plane and then by its channels', () => {
    const names = [
      tuned({ height: 56, width: 56 }, 8),
      tuned({ height: 15, width: 15, channels: 512 }, 5),
      tuned({ height: 15, width: 15, channels: 24 }, 6),
    ];
    expect(untunedSchedule(layer({}), target, names)?.params).toMatchObject({ length: 6 });
    expect(untunedSchedule(layer({ height: 60, width: 60 }), target, names)?.params).toMatchObject({
      length: 8,
    });
  });

  it.each<[string, Partial<ProblemSpec>]>([
    ['kernel', { kernel: 7 }],
    ['stride', { stride: 2 }],
    ['layout', { layout: 'nchw' }],
    ['number of directions', { angles: [45] }],
  ])('takes the cheapest where only layers of another %s were tuned', (_, spec) => {
    const asked = layer({});
    expect(untunedSchedule(asked, target, [tuned(spec, 3)])).toEqual(space(asked, target).candidates[0]);
  });

  it('passes over names that are of no kernel', () => {
    const asked = layer({});
    const names = ['fprop_nhwc_f32_14x14_s1_k5_a0_c16__no_such_family_t1', tuned({ height: 15 }, 6)];
    expect(untunedSchedule(asked, target, names)?.params).toMatchObject({ length: 6 });
  });
});
