import { familyOf } from '../../generator/families/registry.js';
import { splitKernelName } from '../../generator/name.js';

/** `cuda_direct` of a kernel's name; of a family that is no more, the schedule as it stands. */
export function familyName(kernel: string): string {
  const { schedule } = splitKernelName(kernel);
  return familyOf(schedule) ?? schedule;
}
