import { ProblemError } from './errors.js';
import type { Params } from './families/family.js';
import { type FamilyId, family, familyOf } from './families/registry.js';
import { layerName, parseProblemName, splitKernelName } from './name.js';
import { type Problem, problem } from './problem.js';
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
export function schedule(asked: Problem, target: Target, id: FamilyId, given: Params): Schedule | Refusal {
  const params = completed(id, given);
  const refuse = (rule: string, reason: string): Refusal =>
    Object.freeze({ kind: 'refusal', family: id, params, rule, reason });
  const malformed = malformedParams(id, params);
  if (malformed) return refuse('params', malformed);
  for (const rule of family(id).rules) {
    const reason = rule.broken(asked, target, params);
    if (reason !== undefined) return refuse(rule.id, reason);
  }
  const name = `${layerName(asked)}__${scheduleName(id, params)}`;
  // A name is also a file's, and file systems take 255 bytes of it.
  if (name.length > MAX_NAME)
    return refuse(
      'name-length',
      `a name of ${name.length} characters is longer than ${MAX_NAME}; space the angles evenly`,
    );
  return Object.freeze({ kind: 'schedule', problem: asked, target, family: id, params, name }) as Schedule;
}

/** With what is left out. Frozen ones that are complete stay the same object, by which plans are remembered. */
function completed(id: FamilyId, given: Params): Params {
  const { defaults = {} } = family(id);
  const isComplete = Object.keys(defaults).every((key) => Object.hasOwn(given, key));
  return isComplete && Object.isFrozen(given) ? given : Object.freeze({ ...defaults, ...given });
}

/** A family's parameters are just its own, and whole numbers. */
function malformedParams(id: FamilyId, params: Params): string | undefined {
  const names = Object.keys(family(id).letters);
  if (Object.keys(params).length !== names.length || names.some((name) => !Object.hasOwn(params, name)))
    return `${id} has the parameters ${names.join(', ')}, not ${Object.keys(params).join(', ')}`;
  const fraction = names.find((name) => !Number.isSafeInteger(params[name]) || params[name]! < 0);
  return fraction === undefined ? undefined : `${fraction} must be a whole number, not ${params[fraction]}`;
}

/** `cpp_sheared_t14_l16_d4_b0_p1_s1`; a default is left out. */
export function scheduleName(id: FamilyId, params: Params): string {
  const { letters, defaults = {} } = family(id);
  const named = Object.entries(letters).filter(([key]) => params[key] !== defaults[key]);
  return [id, ...named.map(([key, letter]) => `${letter}${params[key]}`)].join('_');
}

/**
 * Reads a kernel's name back.
 * @param batch the batch that the problem gets, since a kernel serves any
 * @throws ProblemError if the name is not one of ours, or names an illegal schedule
 */
export function parseKernelName(name: string, target: Target, batch = 1): Schedule {
  const { layer, schedule: rest } = splitKernelName(name);
  const id = familyOf(rest);
  if (!id) throw malformed(name, 'it reads <layer>__<family>_<parameters>');
  const values = rest.slice(id.length + 1).split('_');
  const { letters, defaults = {} } = family(id);
  const given = new Map(values.map((value) => [value.replace(/\d+$/, ''), value]));
  const params = Object.fromEntries(
    Object.entries(letters).map(([key, letter]) => [
      key,
      Number(given.get(letter)?.slice(letter.length) ?? defaults[key] ?? Number.NaN),
    ]),
  );
  const made = schedule(problem({ ...parseProblemName(layer), batch }), target, id, params);
  if (made.kind === 'refusal') throw malformed(name, `it is illegal here: ${made.reason}`);
  if (made.name !== name) throw malformed(name, `this kernel's is ${made.name}`);
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
