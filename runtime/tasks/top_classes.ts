import { logSumExp } from './softmax.js';

/** A class that an image may be of. */
export interface Candidate {
  /** Its number, from 0 on. */
  readonly class: number;
  /** By softmax. */
  readonly probability: number;
}

/** The likeliest classes first, as many as asked for, if there are so many; of equal ones the lower number first. */
export function topClasses(logits: Float32Array, count: number): readonly Candidate[] {
  const total = logSumExp(logits);
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return order
    .slice(0, Math.max(0, count))
    .map((one) => Object.freeze({ class: one, probability: Math.exp(logits[one]! - total) }));
}

/** How many classes are likelier than the label, or as likely with a lower number; without end if its logit is not a number. */
export function rankOf(logits: Float32Array, label: number): number {
  const own = logits[label]!;
  if (Number.isNaN(own)) return Number.POSITIVE_INFINITY;
  let before = 0;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > own || (logits[i] === own && i < label)) before++;
  return before;
}
