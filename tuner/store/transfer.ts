import { VERSION } from '../../generator/package.js';
import type { Measurement } from '../measure/measurement.js';
import type { Outcome } from '../outcome.js';
import { type Export, keyOf } from './export_file.js';
import type { HeldFinal } from './finals.js';
import type { Session } from './session.js';
import type { Store } from './store.js';
import type { Trial, TrialKey, TrialReport } from './trial.js';

/** What was taken over from another store. */
export interface Imported {
  readonly trials: number;
  /** Trials that were there already. */
  readonly known: number;
  /** Trials of kernels that were tried here as well, at another time. */
  readonly conflicts: readonly Conflict[];
}

/** Two trials with one key: the one that is here stays. */
export interface Conflict {
  readonly key: TrialKey;
  readonly here: Outcome;
  readonly there: Outcome;
}

/** Every trial and every last final of a store as one JSON text, with the sessions that made them. */
export function exportTrials(store: Store): string {
  const [trials, finals] = [store.trials(), store.finals()];
  const makers = new Set([...trials, ...finals].map(({ session }) => session));
  const sessions = store.sessions().filter(({ id }) => makers.has(id));
  const places = new Map(sessions.map(({ id }, place) => [id, place]));
  const document = {
    kind: 'oriented1d-trials',
    format: 2,
    sessions: sessions.map(({ id, ...origin }) => origin),
    trials: trials.map((trial) => ({ ...trialOf(trial), session: places.get(trial.session) })),
    finals: finals.map((final) => ({ ...finalOf(final), session: places.get(final.session) })),
  };
  return `${JSON.stringify(document)}\n`;
}

/**
 * Takes over what {@link exportTrials} wrote, all of it or nothing: with the times at which it was made, under the sessions
 * that made it. Trials that this store has already stay as they are, and a second time nothing changes.
 * @throws StoreError
 */
export function importTrials(store: Store, { sessions, trials, finals }: Export): Imported {
  return store.together(() => {
    const session = sessionsOf(store, sessions);
    const conflicts: Conflict[] = [];
    let added = 0;
    for (const { finished, session: place, ...trial } of trials) {
      const report = trial as TrialReport;
      const known = store.find(report);
      if (!known) {
        session(place).record(report, finished);
        added++;
      } else if (known.finished !== finished || !isSame(known.outcome, report.outcome))
        conflicts.push({ key: keyOf(report), here: known.outcome, there: report.outcome });
    }
    for (const { session: place, ...final } of finals)
      if (!store.hasFinal(final)) session(place).takeOver(final);
    return { trials: added, known: trials.length - added - conflicts.length, conflicts };
  });
}

/** The sessions of an export, here; what names none goes to a session of this import's own. */
function sessionsOf(store: Store, origins: Export['sessions']): (place: number | undefined) => Session {
  const adopted = origins.map((origin) => store.adopt(origin));
  let own: Session | undefined;
  return (place) => {
    if (place !== undefined) return adopted[place]!;
    own ??= store.begin({ version: VERSION, search: 'import', seed: 0 });
    return own;
  };
}

function isSame(a: Outcome, b: Outcome): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function trialOf(trial: Trial): object {
  const { target, params, isDefault, outcome, finished } = trial;
  return { ...keyOf(trial), target, params, isDefault, outcome: plain(outcome), finished };
}

function finalOf({ finalists, copy, measured, placed, retaken, space, clocks }: HeldFinal): object {
  return {
    finalists: finalists.map(({ key, measurement }) => ({
      key: keyOf(key),
      measurement: timingOf(measurement),
    })),
    copy: timingOf(copy),
    measured,
    placed,
    retaken,
    space,
    clocks,
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

function timingOf({ samples, repetitions, stop }: Measurement): object {
  return { samples, repetitions, stop };
}
