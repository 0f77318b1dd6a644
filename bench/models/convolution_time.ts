import type { Profile } from '../../runtime/plan/executable.js';
import type { Plan } from '../../runtime/plan/plan.js';
import { stepWork } from '../../runtime/plan/work.js';
import type { ModelResult } from './result.js';

/**
 * Times of the convolutions between pixels of a plan, the fused stem among them, and of copies of the bytes that they read and
 * write, in microseconds. The stem's are those of images and of its own map: the one between is never there.
 * @param copyRate bytes a second that a copy reads and writes
 */
export function convolutionTime(
  { steps }: Plan,
  profile: Profile,
  copyRate: number,
): ModelResult['ours']['convolutions'] {
  const convolutions = steps.flatMap((step, i) =>
    step.kind === 'convolution' || step.operation.kind === 'stem'
      ? [{ time: profile.steps[i]!.time, floor: (1e6 * stepWork(step).bytes) / copyRate }]
      : [],
  );
  return convolutions.reduce(
    (sum, { time, floor }) => ({ time: sum.time + time, floor: sum.floor + floor }),
    { time: 0, floor: 0 },
  );
}
