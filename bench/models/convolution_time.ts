import type { Profile } from '../../runtime/plan/executable.js';
import type { Plan } from '../../runtime/plan/plan.js';
import { stepWork } from '../../runtime/plan/work.js';
import type { ModelResult } from './result.js';

/**
 * Times of the depthwise convolutions of a plan, and of copies of as many bytes, in microseconds.
 * @param copyRate bytes a second that a copy reads and writes
 */
export function convolutionTime(
  { steps }: Plan,
  profile: Profile,
  copyRate: number,
): ModelResult['ours']['convolutions'] {
  const convolutions = steps.flatMap((step, i) =>
    step.kind === 'convolution'
      ? [{ time: profile.steps[i]!.time, floor: (1e6 * stepWork(step).bytes) / copyRate }]
      : [],
  );
  return convolutions.reduce(
    (sum, { time, floor }) => ({ time: sum.time + time, floor: sum.floor + floor }),
    { time: 0, floor: 0 },
  );
}
