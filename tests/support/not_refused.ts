import type { Refusal, Schedule } from '../../generator/schedule.js';

/** A schedule that a test counts on. @throws Error that says which rule refuses it, and why */
export function notRefused(made: Schedule | Refusal): Schedule {
  if (made.kind === 'refusal') throw new Error(`${made.rule}: ${made.reason}`);
  return made;
}
