import { FAMILY_IDS, family } from '../generator/families/registry.js';
import type { Schedule } from '../generator/schedule.js';
import { space } from '../generator/space.js';
import { readTarget } from '../generator/target.js';
import { currentSchedule, trialProblem } from '../tuner/candidate.js';
import type { RecordedFamily, RecordedProblem } from '../tuner/replay.js';
import type { Store } from '../tuner/store/store.js';
import type { Trial } from '../tuner/store/trial.js';
import { BenchError } from './errors.js';

/** The share of a problem's candidates that must have a trial. */
const COVERAGE = 0.75;

/**
 * What searches are replayed on: the problems that were tried exhaustively, or nearly so, on the one GPU of a database,
 * as JSON with its provenance. A trial counts while the generator emits the text that it tried.
 * @throws BenchError if trials are of several GPUs or toolchains, or of none
 */
export function replayRecord(store: Store): string {
  const trials = store.trials().filter(({ target }) => readTarget(target).kind === 'cuda');
  const settings = new Set(
    trials.map(({ machine, toolchain, target }) => JSON.stringify({ machine, toolchain, target })),
  );
  if (settings.size !== 1) throw severalSettings(store.path, settings.size);
  const byProblem = new Map<string, Trial[]>();
  for (const trial of trials) byProblem.set(trial.problem, [...(byProblem.get(trial.problem) ?? []), trial]);
  const recorded = [...byProblem.values()].flatMap((own) => recordedProblem(own) ?? []);
  const names = new Set(recorded.map(({ problem }) => problem));
  const head = provenance(
    store,
    trials.filter(({ problem }) => names.has(problem)),
  );
  // A problem a line: small, and a difference can be read.
  return `{"provenance":${JSON.stringify(head, null, 2)},\n"problems":[\n${recorded.map((one) => JSON.stringify(one)).join(',\n')}\n]}\n`;
}

function provenance(store: Store, trials: readonly Trial[]): object {
  const { machine, target, toolchain } = trials[0]!;
  const sessions = new Set(trials.map(({ session }) => session));
  const dates = trials.map(({ finished }) => finished).toSorted();
  return {
    gpu: machine,
    target,
    ...toolchain,
    versions: [
      ...new Set(
        store
          .sessions()
          .filter(({ id }) => sessions.has(id))
          .map(({ version }) => version),
      ),
    ],
    measured: { from: dates[0], to: dates.at(-1) },
    values:
      "the median of a trial's samples, as `oriented1d tune` recorded it in the database's column trial.median",
    unit: 'microseconds of the whole batch',
  };
}

/** Undefined if too much of the space is missing. */
function recordedProblem(trials: readonly Trial[]): RecordedProblem | undefined {
  const { problem, target: name } = trials[0]!;
  const target = readTarget(name);
  const times = new Map<string, { made: Schedule; time: number | null }>();
  for (const trial of trials) {
    const made = currentSchedule(trial, target);
    if (made) times.set(made.name, { made, time: microseconds(trial) });
  }
  const { candidates } = space(trialProblem(trials[0]!), target);
  const tried = candidates.flatMap((one) => times.get(one.name) ?? []);
  if (tried.length < COVERAGE * candidates.length) return undefined;
  const families = FAMILY_IDS.flatMap((id) => {
    const own = tried.filter(({ made }) => made.family === id);
    return own.length > 0 ? [[id, recordedFamily(own)] as const] : [];
  });
  return {
    problem,
    target: name,
    coverage: { legal: candidates.length, tried: tried.length },
    families: Object.fromEntries(families),
  };
}

function recordedFamily(tried: readonly { made: Schedule; time: number | null }[]): RecordedFamily {
  const params = Object.keys(family(tried[0]!.made.family).letters);
  return {
    params,
    trials: tried.map(({ made, time }) => [...params.map((name) => made.params[name]!), time]),
  };
}

/** To a hundredth; null if the trial failed. */
function microseconds({ outcome }: Trial): number | null {
  return outcome.kind === 'ok' ? Math.round(outcome.measurement.median * 100) / 100 : null;
}

function severalSettings(path: string, count: number): BenchError {
  return new BenchError({
    code: 'record-settings',
    value: path,
    rule: `a record is of one GPU and one toolchain, and this database has trials of ${count}`,
    remedy: 'give the database of one `tune --target cuda`',
  });
}
