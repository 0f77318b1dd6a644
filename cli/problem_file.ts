import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ProblemError } from '../generator/errors.js';
import { issueWords } from '../generator/issue_words.js';
import {
  DTYPES,
  FILTERS,
  LAYOUTS,
  OPS,
  type Op,
  type Problem,
  type ProblemSpec,
  problem,
} from '../generator/problem.js';
import { systemReason } from '../runtime/system_reason.js';
import { CliError } from './errors.js';
import { counted } from './words.js';

/** Whether an argument among presets is a file of problems. */
export function isProblemFile(argument: string): boolean {
  return argument.endsWith('.json');
}

/** Every field but the one that is looked at is sound in it. */
const SOUND = { height: 1, width: 1, kernel: 1, angles: [0] } as const satisfies ProblemSpec;

/** A field of the type, which problem() takes as well. */
function field<K extends keyof ProblemSpec, T extends z.ZodType<ProblemSpec[K]>>(name: K, type: T): T {
  return type.superRefine((value, context) => {
    try {
      problem({ ...SOUND, [name]: value });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      context.addIssue({ code: 'custom', message: error.rule });
    }
  });
}

const spec = z.strictObject({
  op: z.enum(OPS).optional(),
  layout: z.enum(LAYOUTS).optional(),
  dtype: z.enum(DTYPES).optional(),
  height: field('height', z.number()),
  width: field('width', z.number()),
  stride: field('stride', z.number()).optional(),
  kernel: field('kernel', z.number()),
  filter: z.enum(FILTERS).optional(),
  angles: field('angles', z.array(z.number())).optional(),
  batch: field('batch', z.number()).optional(),
  channels: field('channels', z.number()).optional(),
});

const file = z.array(spec).min(1, 'it holds no problem');

/**
 * Reads a file of problems: a JSON array of objects with the fields of a ProblemSpec, angles in degrees; those with the
 * filter "square" have none.
 * @param batch of problems that do not say theirs
 * @param op as well
 * @throws CliError that names the problem by its place in the array, from 0, and the field
 */
export function readProblems(path: string, batch: number, op?: Op): readonly Problem[] {
  const found = file.safeParse(parsed(path));
  if (!found.success) {
    const issue = found.error.issues[0]!;
    throw unsound(path, issue.path, issueWords(issue));
  }
  return found.data.map((one, index) => {
    const made = whole(path, index, {
      ...(op && { op }),
      ...(one as ProblemSpec),
      batch: one.batch ?? batch,
    });
    const { angles, channels } = made;
    if (angles.length <= channels) return made;
    const message = `${angles.length} angles are spread over ${counted(channels, 'channel')}, which cannot hold them all`;
    throw unsound(path, [index, 'angles'], message);
  });
}

/** Fields that are sound alone may not go together: a square has no angles, and a line has some. */
function whole(path: string, index: number, one: ProblemSpec): Problem {
  try {
    return problem(one);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw unsound(path, [index], error.rule);
  }
}

function parsed(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError({
      code: 'problems-unreadable',
      value: path,
      rule: `this file of problems cannot be read: ${systemReason(cause)}`,
      remedy: 'name a file that can be, or a preset without .json',
      cause,
    });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')); // editors on Windows begin files with it
  } catch (cause) {
    throw new CliError({
      code: 'problems-unsound',
      value: path,
      rule: `a file of problems is a JSON array, and this is no JSON: ${(cause as Error).message}`,
      remedy: EXAMPLE,
      cause,
    });
  }
}

const EXAMPLE =
  'write for example [{"height":56,"width":56,"kernel":31,"angles":[0,45],"channels":96,"batch":8}]';

function unsound(path: string, at: readonly PropertyKey[], words: string): CliError {
  const [index, ...names] = at;
  const where =
    index === undefined
      ? ''
      : `problem ${String(index)}${names.map((name) => `, ${String(name)}`).join('')}: `;
  return new CliError({ code: 'problems-unsound', value: path, rule: `${where}${words}`, remedy: EXAMPLE });
}
