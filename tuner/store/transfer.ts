import { z } from 'zod';
import { VERSION } from '../../generator/package.js';
import { StoreError } from '../errors.js';
import { type Measurement, measurement } from '../measure/measurement.js';
import { STOPS } from '../measure/stopping.js';
import type { Outcome } from '../outcome.js';
import type { HeldFinal } from './finals.js';
import type { Store } from './store.js';
import type { Trial, TrialKey, TrialReport } from './trial.js';

/** What was taken over from another store. */
export interface Imported {
  readonly trials: number;
  /** Trials that were there already; the first stays. */
  readonly known: number;
}

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

const file = z
  .strictObject({
    kind: z.literal('oriented1d-trials'),
    format: z.literal(1),
    trials: z.array(
      z.strictObject({
        ...key,
        target: text,
        params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
        isDefault: z.boolean(),
        outcome,
        finished: time,
      }),
    ),
    finals: z.array(
      z.strictObject({
        finalists: z.array(z.strictObject({ key: z.strictObject(key), measurement: timing })).min(1),
        copy: timing,
        measured: time,
      }),
    ),
  })
  .refine(finalistsHaveTrials, { error: 'names a kernel that has no trial', path: ['finals'] });

/** What an export holds, checked. */
export type Export = z.infer<typeof file>;

/** Every trial and every last final of a store as one JSON text, for another machine's store. */
export function exportTrials(store: Store): string {
  const document = {
    kind: 'oriented1d-trials',
    format: 1,
    trials: store.trials().map(trialOf),
    finals: store.finals().map(finalOf),
  };
  return `${JSON.stringify(document)}\n`;
}

/**
 * Takes over what {@link exportTrials} wrote, with the times at which it was made. Trials that this store has already
 * stay as they are.
 * @throws StoreError
 */
export function importTrials(store: Store, { trials, finals }: Export): Imported {
  const session = store.begin({ version: VERSION, search: 'import', seed: 0 });
  const added = trials.filter(({ finished, ...trial }) =>
    session.record(trial as TrialReport, finished),
  ).length;
  for (const final of finals) session.takeOver(final);
  session.end();
  return { trials: added, known: trials.length - added };
}

/**
 * Reads what {@link exportTrials} wrote.
 * @param name what to call the text in an error
 * @throws StoreError if the text is not such an export
 */
export function readExport(text: string, name: string): Export {
  try {
    return file.parse(JSON.parse(text));
  } catch (cause) {
    const detail =
      cause instanceof z.ZodError
        ? `${cause.issues[0]!.path.join('.')} ${cause.issues[0]!.message}`
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

function trialOf(trial: Trial): object {
  const { target, params, isDefault, outcome, finished } = trial;
  return { ...keyOf(trial), target, params, isDefault, outcome: plain(outcome), finished };
}

function finalOf({ finalists, copy, measured }: HeldFinal): object {
  return {
    finalists: finalists.map(({ key, measurement }) => ({
      key: keyOf(key),
      measurement: timingOf(measurement),
    })),
    copy: timingOf(copy),
    measured,
  };
}

function plain(outcome: Outcome): object {
  if (outcome.kind === 'ok') return { ...outcome, measurement: timingOf(outcome.measurement) };
  if (outcome.kind !== 'wrong') return outcome;
  const { relativeError } = outcome;
  return {
    ...outcome,
    relativeError: Number.isFinite(relativeError) ? relativeError : String(relativeError),
  };
}

function keyOf({ problem, kernel, sourceHash, toolchain, machine, threads }: TrialKey): TrialKey {
  return { problem, kernel, sourceHash, toolchain, machine, threads };
}

function timingOf({ samples, repetitions, stop }: Measurement): object {
  return { samples, repetitions, stop };
}
