import type { Plan } from './plan.js';
import type { PlanBuffer, Step } from './step.js';

/** When a buffer holds what somebody will read: from the step that writes it first to the one that touches it last. */
export interface Lifetime {
  readonly buffer: PlanBuffer;
  /** Steps by their index; -1 of the images, which are there before the first. */
  readonly first: number;
  /** As many as there are steps for outputs, which are there after the last. */
  readonly last: number;
}

/** Of every buffer of a plan, in the order in which they are written first. */
export function lifetimes({
  images,
  steps,
  outputs,
}: Pick<Plan, 'images' | 'steps' | 'outputs'>): readonly Lifetime[] {
  const lives = new Map<PlanBuffer, Lifetime>();
  const touch = (buffer: PlanBuffer, step: number) =>
    lives.set(buffer, { buffer, first: lives.get(buffer)?.first ?? step, last: step });
  touch(images, -1);
  steps.forEach((step, i) => {
    for (const buffer of [...readBy(step), step.output]) touch(buffer, i);
  });
  for (const { buffer } of outputs) touch(buffer, steps.length);
  return Object.freeze([...lives.values()]);
}

/** Whether there is a step during which both hold something. */
export function liveTogether(a: Lifetime, b: Lifetime): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Buffers that a step reads. */
export function readBy(step: Step): readonly PlanBuffer[] {
  return step.kind === 'operation' && step.residual ? [step.input, step.residual] : [step.input];
}
