import { type Complaint, OrientedError } from '../../generator/errors.js';

/** A checkpoint that cannot be read, written, or fitted to a model. */
export class WeightsError extends OrientedError {
  readonly fault: 'user' | 'system';

  constructor(complaint: Complaint, fault: 'user' | 'system' = 'user') {
    super(complaint);
    this.fault = fault;
  }
}

/** @throws WeightsError always */
export function refuse(value: string, code: string, rule: string, remedy: string, cause?: unknown): never {
  throw new WeightsError({ code, value, rule, remedy, cause });
}

/** Names out of a file as messages show them: in quotes, at most 80 characters, nothing that moves a terminal's cursor. */
export function shown(name: string): string {
  const short = name.length > 80 ? `${name.slice(0, 80)}...` : name;
  return `'${short.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?')}'`;
}

/** `a, b, c and 12 more`: a list that stays short however long it gets. */
export function someOf(items: readonly string[], limit = 5): string {
  const rest = items.length - limit;
  return rest > 0 ? `${items.slice(0, limit).join(', ')} and ${rest} more` : items.join(', ');
}
