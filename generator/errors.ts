import { inspect } from 'node:util';

/**
 * Errors that a person can act on. Each room has one class; all of them say, in one line, which value was wrong,
 * which rule it broke and what to do about it.
 */
export interface Complaint {
  /** Stable, machine-readable, e.g. `kernel-even`. */
  readonly code: string;
  /** The offending value, shown as it was given. */
  readonly value: unknown;
  /** The rule that it broke: "K must be odd". */
  readonly rule: string;
  /** The way out: "use 31 or 33". */
  readonly remedy: string;
  readonly cause?: unknown;
}

export abstract class OrientedError extends Error {
  readonly code: string;
  readonly value: unknown;
  readonly rule: string;
  readonly remedy: string;

  /** `user`: the input is wrong (exit 2). `system`: everything else (exit 1). */
  abstract readonly fault: 'user' | 'system';

  constructor(complaint: Complaint) {
    super(sentence(complaint), complaint.cause === undefined ? undefined : { cause: complaint.cause });
    this.name = new.target.name;
    this.code = complaint.code;
    this.value = complaint.value;
    this.rule = complaint.rule;
    this.remedy = complaint.remedy;
  }
}

/** A problem, angle, target or name that cannot be. */
export class ProblemError extends OrientedError {
  readonly fault = 'user';
}

/** A template that misses a key, or whose precondition does not hold: a defect of ours. */
export class TemplateError extends OrientedError {
  readonly fault = 'system';
}

function sentence({ value, rule, remedy }: Complaint): string {
  return `${show(value)}: ${rule}; ${remedy}`.replaceAll(/\s*\n\s*/g, ' ');
}

/** Characters of a value in an error's line. */
const MOST_SHOWN = 400;

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null)
    return String(value);
  const text = jsonOf(value) ?? inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}..`;
}

/** Undefined of what has none: functions, symbols, big integers, and what holds itself. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
