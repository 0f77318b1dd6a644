import { ProblemError } from './errors.js';
import type { Params } from './families/family.js';
import { type FamilyId, family, isFamilyId } from './families/registry.js';
import { layerName, parseProblemName } from './name.js';
import type { Problem } from './problem.js';
import type { Target } from './target.js';

declare const legal: unique symbol;

/**
 * How a problem is computed on a target: a kernel family and a value for each of its parameters. Only
 * {@link schedule} makes one, and only a legal one; source.ts takes nothing else.
 */
export interface Schedule {
  readonly kind: 'schedule';
  readonly problem: Problem;
  readonly target: Target;
  readonly family: FamilyId;
  readonly params: Params;
  /** `<layer>__<family>_<parameters>`: the kernel's file, symbol, database row and log line. */
  readonly name: string;
  readonly [legal]: true;
}

/** Parameters that do not fit the problem or the machine, with the rule that says so. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly family: FamilyId;
  readonly params: Params;
  readonly rule: string;
  readonly reason: string;
}

const MAX_NAME = 200;

/** Checks parameters against every rule of the family. */
export function schedule(problem: Problem, target: Target, id: FamilyId, params: Params): Schedule | Refusal {
  const refuse = (rule: string, reason: string): Refusal =>
    Object.freeze({ kind: 'refusal', family: id, params, rule, reason });
  for (const rule of family(id).rules) {
    const reason = rule.broken(problem, target, params);
    if (reason !== undefined) return refuse(rule.id, reason);
  }
  const name = `${layerName(problem)}__${scheduleName(id, params)}`;
  // A name is also a file's, and file systems take 255 bytes of it.
  if (name.length > MAX_NAME)
    return refuse(
      'name-length',
      `a name of ${name.length} characters is longer than ${MAX_NAME}; space the angles evenly`,
    );
  return Object.freeze({ kind: 'schedule', problem, target, family: id, params, name }) as Schedule;
}

/** `cpp_sheared_t14_l16_d4_b0_p1_s1`. */
export function scheduleName(id: FamilyId, params: Params): string {
  const { letters } = family(id);
  return [id, ...Object.entries(letters).map(([key, letter]) => `${letter}${params[key]}`)].join('_');
}

/**
 * Reads a kernel's name back.
 * @param batch the batch that the problem gets, since a kernel serves any
 * @throws ProblemError if the name is not one of ours, or names an illegal schedule
 */
export function parseKernelName(name: string, target: Target, batch = 1): Schedule {
  const [layer, rest] = name.split('__', 2);
  const match = /^([a-z]+_[a-z]+)_(.+)$/.exec(rest ?? '');
  if (!layer || !match || !isFamilyId(match[1]!))
    throw malformed(name, 'it reads <layer>__<family>_<parameters>');
  const id = match[1];
  const letters = Object.entries(family(id).letters);
  const values = match[2]!.split('_');
  const params = Object.fromEntries(
    letters.map(([key, letter], i) => [
      key,
      values[i]?.startsWith(letter) ? Number(values[i].slice(letter.length)) : NaN,
    ]),
  );
  if (values.length !== letters.length || !Object.values(params).every(Number.isInteger))
    throw malformed(
      name,
      `${id} has the parameters ${letters.map(([key, letter]) => `${letter} (${key})`).join(', ')}`,
    );
  const made = schedule({ ...parseProblemName(layer), batch }, target, id, params);
  if (made.kind === 'refusal') throw malformed(name, `it is illegal here: ${made.reason}`);
  return made;
}

function malformed(name: string, rule: string): ProblemError {
  return new ProblemError({
    code: 'kernel-name',
    value: name,
    rule: `not a kernel's name: ${rule}`,
    remedy: 'see `oriented1d generate --list`',
  });
}
