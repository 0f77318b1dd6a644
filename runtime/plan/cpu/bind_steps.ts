import type { Launch } from '../../launch.js';
import { tensor } from '../../tensor.js';
import type { Plan } from '../plan.js';
import type { PlanBuffer } from '../step.js';
import { stepOperands } from '../step_operands.js';
import type { CpuKernel } from './kernel.js';

/** Where each of a plan's buffers lies in memory. */
export type Views = (buffer: PlanBuffer) => Float32Array<ArrayBuffer>;

/** A step that is ready to run. */
export interface BoundStep {
  readonly name: string;
  /** The kernel's. */
  readonly kernel: string;
  readonly launch: Launch;
}

/** Takes the memory of a plan's arena. @throws DeviceError if there is not so much */
export function arenaViews({ arena: { elements, offsets } }: Plan): Views {
  const arena = tensor(elements);
  return (buffer) => {
    const begin = offsets.get(buffer)!;
    return arena.subarray(begin, begin + buffer.elements);
  };
}

/** Reads and packs each step's parameters, one step after the other: a network's are not held twice. */
export async function bindSteps(
  { steps, batch }: Plan,
  kernels: readonly CpuKernel[],
  view: Views,
): Promise<readonly BoundStep[]> {
  const bound: BoundStep[] = [];
  for (const [i, step] of steps.entries()) {
    const { name, bind } = kernels[i]!;
    const launch = bind(await stepOperands(step, view, batch));
    bound.push(Object.freeze({ name: step.name, kernel: name, launch }));
  }
  return bound;
}
