import picomatch from 'picomatch';
import type { Complaint } from '../generator/errors.js';
import { angle, type Extent, kernelLength, type Problem, squareSide } from '../generator/problem.js';
import { CliError } from './errors.js';

/** Texts of the command line as values. Each throws an error of fault `user` that shows the text as it was given. */

/** Degrees, any finite number. */
export function degrees(text: string): number {
  const value = numeral(text);
  if (value === undefined)
    throw new CliError({
      code: 'angle-finite',
      value: text,
      rule: 'an angle must be a finite number of degrees',
      remedy: 'use for example 22.5',
    });
  return angle(value);
}

/** `0,22.5,45`: degrees with commas between them. */
export function degreesList(text: string): readonly number[] {
  const values = text.split(',').map(numeral);
  if (values.includes(undefined))
    throw new CliError({
      code: 'angles-list',
      value: text,
      rule: 'angles are finite numbers of degrees with commas between them',
      remedy: 'use for example 0,45,90,135',
    });
  return values.map((value) => angle(value!));
}

/** A parser for some of these names with commas between them, each once. @param refusal of any other name */
export function someOf<T extends string>(
  names: readonly T[],
  refusal: Pick<Complaint, 'code' | 'rule'>,
): (text: string) => readonly T[] {
  return (text) => {
    const given = text.split(',').map((name) => name.trim());
    const wrong = given.find((name) => !(names as readonly string[]).includes(name));
    if (wrong === undefined) return [...new Set(given as T[])];
    throw new CliError({ ...refusal, value: wrong, remedy: `use for example ${names[0]}` });
  };
}

/** K, odd. */
export function kernel(text: string): number {
  return kernelLength(numeral(text) ?? notWhole('the kernel length K', text));
}

/** What `--kernel` says: the taps of a line, or the side of a square. */
export type KernelSize = Pick<Problem, 'filter' | 'kernel'>;

/** `31`, the taps of a line, or `7x7`, a square. */
export function kernelSize(text: string): KernelSize {
  const sides = /^(\d+)x(\d+)$/i.exec(text);
  if (!sides) return { filter: 'line', kernel: kernel(text) };
  if (Number(sides[1]) !== Number(sides[2]))
    throw new CliError({
      code: 'kernel-square',
      value: text,
      rule: 'a filter that is no line is square, KxK',
      remedy: `use for example ${sides[1]}x${sides[1]}`,
    });
  return { filter: 'square', kernel: squareSide(Number(sides[1])) };
}

/** A parser for a whole number. @param what its name in a sentence: `the stride` */
export function whole(what: string, least = 1): (text: string) => number {
  return (text) => {
    const value = numeral(text);
    return Number.isSafeInteger(value) && value! >= least ? value! : notWhole(what, text, least);
  };
}

/** `60s`, `5m`, `2h` or a number of seconds, in seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const seconds = match ? Number(match[1]) * UNITS[match[2] ?? 's']! : 0;
  if (seconds > 0) return seconds;
  throw new CliError({
    code: 'duration-malformed',
    value: text,
    rule: 'a time is a number above 0 with ms, s, m or h behind it',
    remedy: 'use for example 60s',
  });
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** A pattern of names. */
export function glob(text: string): string {
  try {
    picomatch(text);
    return text;
  } catch (cause) {
    throw new CliError({
      code: 'glob-malformed',
      value: text,
      rule: `is no pattern of names: ${(cause as Error).message}`,
      remedy: "use for example '*_t14_*'",
      cause,
    });
  }
}

/** `56x48`: height and width in pixels. */
export function extent(text: string): Extent {
  const match = /^(\d+)x(\d+)$/i.exec(text);
  if (!match)
    throw new CliError({
      code: 'size-malformed',
      value: text,
      rule: 'a size is HxW, the height and the width in pixels',
      remedy: 'use for example 56x56',
    });
  return { height: Number(match[1]), width: Number(match[2]) };
}

/**
 * A parser for a choice that is not wholly built: what is to come is told apart from what is unknown.
 * @param what its name in a sentence: `the operation`
 */
export function built<T extends string>(
  what: string,
  there: readonly T[],
  later: readonly string[],
): (text: string) => T {
  return (text) => {
    if ((there as readonly string[]).includes(text)) return text as T;
    const known = later.includes(text);
    throw new CliError({
      code: known ? 'not-built' : 'choice-unknown',
      value: text,
      rule: known
        ? `${what} is known but not built yet`
        : `${what} must be one of ${[...there, ...later].join(', ')}`,
      remedy: `use ${there.join(' or ')}`,
    });
  };
}

/** The number that a text spells in decimal, undefined for none; Number() alone would read an empty text and 0x10, too. */
function numeral(text: string): number | undefined {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : undefined;
}

function notWhole(what: string, text: string, least = 1): never {
  throw new CliError({
    code: 'whole-number',
    value: text,
    rule: `${what} must be a whole number from ${least}`,
    remedy: 'give it in digits',
  });
}
