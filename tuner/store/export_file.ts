import { z } from 'zod';
import { FAMILY_IDS, family, familyOf } from '../../generator/families/registry.js';
import { issueWords } from '../../generator/issue_words.js';
import { StoreError } from '../errors.js';
import { clocks } from '../measure/clock_schema.js';
import { measurement } from '../measure/measurement.js';
import { STOPS } from '../measure/stopping.js';
import type { Outcome } from '../outcome.js';
import type { TrialKey } from './trial.js';

const text = z.string().min(1);
// To the millisecond and in UTC, as all times of a store, so that they compare as texts.
const time = z.iso.datetime({ precision: 3 });
const timing = z
  .strictObject({
    samples: z.array(z.number().positive()).min(1),
    repetitions: z.int().positive(),
    stop: z.enum(STOPS),
  })
  .transform(({ samples, repetitions, stop }) => measurement(samples, repetitions, stop));

const reasoned = <K extends string>(kind: K) => z.strictObject({ kind: z.literal(kind), reason: text });
// JSON has no infinity and no NaN.
const error = z.union([z.number(), z.enum(['Infinity', 'NaN'])]).transform(Number);
const outcome = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok'), relativeError: error, measurement: timing }),
  z.strictObject({ kind: z.literal('wrong'), reason: text, relativeError: error }),
  reasoned('refused-by-compiler'),
  reasoned('crashed'),
  reasoned('hung'),
  reasoned('failed'),
]) satisfies z.ZodType<Outcome>;

const key = {
  problem: text,
  kernel: text,
  sourceHash: text,
  toolchain: z.strictObject({ compiler: text, flags: z.string() }),
  machine: text,
  threads: z.int().positive(),
};

/** A session's place in the file's list; format 1 has none. */
const session = z.int().nonnegative().optional();

const file = z
  .strictObject({
    kind: z.literal('oriented1d-trials'),
    format: z.union([z.literal(1), z.literal(2)]),
    sessions: z
      .array(
        z.strictObject({
          host: z.string(),
          pid: z.int(),
          started: time,
          ended: time.nullable(),
          version: text,
          search: text,
          seed: z.int(),
        }),
      )
      .default([]),
    trials: z.array(
      z.strictObject({
        ...key,
        target: text,
        params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
        isDefault: z.boolean(),
        outcome,
        finished: time,
        session,
      }),
    ),
    finals: z.array(
      z.strictObject({
        finalists: z.array(z.strictObject({ key: z.strictObject(key), measurement: timing })).min(1),
        copy: timing,
        measured: time,
        placed: z.boolean().optional(),
        retaken: z.int().nonnegative().optional(),
        space: text.optional(),
        clocks: clocks.optional(),
        session,
      }),
    ),
  })
  .refine(
    ({ sessions, trials, finals }) =>
      [...trials, ...finals].every((one) => (one.session ?? -1) < sessions.length),
    {
      error: 'are fewer than trials and finals name',
      path: ['sessions'],
    },
  )
  .superRefine(({ trials }, context) => {
    for (const [i, { kernel, params }] of trials.entries()) {
      const known = parametersOf(kernel);
      const foreign = Object.keys(params).find((name) => !known.has(name));
      if (foreign === undefined) continue;
      const message = `has '${foreign}', which is no parameter of any kernel's family`;
      context.addIssue({ code: 'custom', path: ['trials', i, 'params'], message });
    }
  })
  .refine(finalistsHaveTrials, { error: 'names a kernel that has no trial', path: ['finals'] });

/** What an export holds, checked. */
export type Export = z.infer<typeof file>;

/**
 * Reads what exportTrials wrote.
 * @param name what to call the text in an error
 * @throws StoreError if the text is not such an export
 */
export function readExport(text: string, name: string): Export {
  try {
    return file.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (cause) {
    const detail =
      cause instanceof z.ZodError
        ? `${cause.issues[0]!.path.join('.') || 'it'} ${issueWords(cause.issues[0]!)}`
        : 'it is not JSON';
    throw new StoreError({
      code: 'import-damaged',
      value: name,
      rule: `not an export of trials: ${detail.trim()}`,
      remedy: 'name a file that `library export` wrote',
      cause,
    });
  }
}

interface Keys {
  readonly trials: readonly TrialKey[];
  readonly finals: readonly { readonly finalists: readonly { readonly key: TrialKey }[] }[];
}

function finalistsHaveTrials({ trials, finals }: Keys): boolean {
  const known = new Set(trials.map((trial) => JSON.stringify(keyOf(trial))));
  return finals.every(({ finalists }) => finalists.every(({ key }) => known.has(JSON.stringify(keyOf(key)))));
}

/** Names of the parameters of a kernel's family, or of all families where it is of none. */
function parametersOf(kernel: string): ReadonlySet<string> {
  const own = familyOf(kernel.slice(kernel.indexOf('__') + 2));
  return new Set((own ? [own] : FAMILY_IDS).flatMap((id) => Object.keys(family(id).letters)));
}

/** Of something that has a key, the key alone. */
export function keyOf({ problem, kernel, sourceHash, toolchain, machine, threads }: TrialKey): TrialKey {
  return { problem, kernel, sourceHash, toolchain, machine, threads };
}
