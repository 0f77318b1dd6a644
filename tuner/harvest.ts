import { family } from '../generator/families/registry.js';
import type { PublishedKernel, RenderedKernel } from '../generator/library/kernel_file.js';
import { layerName } from '../generator/name.js';
import { parseKernelName, type Schedule } from '../generator/schedule.js';
import { source } from '../generator/source.js';
import { readTarget } from '../generator/target.js';
import { currentSchedule, trialProblem } from './candidate.js';
import type { Store } from './store/store.js';
import type { Trial } from './store/trial.js';
import type { Winner } from './store/winners.js';

/** Winners of a database, ready to be published: one for each layer and target. */
export interface Harvest {
  readonly kernels: readonly PublishedKernel[];
  /** Machines whose finals on a target were left out, since its kernels come from another. */
  readonly passedOver: readonly MachineTarget[];
}

export interface MachineTarget {
  readonly machine: string;
  readonly target: string;
}

/**
 * The winners of a database's finals. A target's kernels come from one machine, since times of several do not compare:
 * a processor's from `machine`, a GPU's from the GPU with the latest final. Of several tunings of a layer the one with
 * the largest batch counts, then the one with the most threads, then the latest final.
 * @param machine the name of this machine's processor
 */
export function harvest(store: Store, { machine }: Pick<MachineTarget, 'machine'>): Harvest {
  const all = store.winners({}, (trial) => schedule(trial) !== undefined).filter(({ final }) => final);
  const machines = machinesOf(all, machine);
  const isChosen = ({ trial }: Winner) => machines.get(trial.target) === trial.machine;
  const best = new Map<string, Winner>();
  for (const winner of all.filter(isChosen)) {
    const key = `${winner.trial.target} ${winner.trial.layer}`;
    const other = best.get(key);
    if (!other || outranks(winner, other)) best.set(key, winner);
  }
  const others = all
    .filter((winner) => !isChosen(winner))
    .map(({ trial: { machine, target } }) => [`${target} ${machine}`, { machine, target }] as const);
  return Object.freeze({
    kernels: [...best.values()].map((winner) => published(store, winner)),
    passedOver: [...new Map(others).values()],
  });
}

/** The machine that each target's kernels come from. */
function machinesOf(winners: readonly Winner[], processor: string): ReadonlyMap<string, string> {
  const latestLast = winners.toSorted((a, b) => Date.parse(a.measured) - Date.parse(b.measured));
  return new Map(
    latestLast.map(({ trial: { target, machine } }) => {
      const { kind } = readTarget(target);
      return [target, kind === 'cpu' ? processor : machine];
    }),
  );
}

/** A kernel's text and counts, from its name. @throws ProblemError if the name is not this generator's */
export function renderKernel({
  name,
  target,
}: {
  readonly name: string;
  readonly target: string;
}): RenderedKernel {
  return rendered(parseKernelName(name, readTarget(target)));
}

function published(store: Store, winner: Winner): PublishedKernel {
  const { trial, measurement, measured, default: fallback, copy } = winner;
  const made = schedule(trial)!;
  const { machine, threads, toolchain, target } = trial;
  return {
    entry: {
      name: made.name,
      layer: layerName(made.problem),
      target,
      provenance: {
        batch: made.problem.batch,
        threads,
        median: round(measurement.median),
        ...(fallback && { default: round(fallback.median) }),
        copy: round(copy!.median), // a final has its copy
        trials: store.trials({ problem: trial.problem, target, machine, toolchain, threads }).length,
        machine,
        compiler: toolchain.compiler,
        measured,
      },
    },
    ...rendered(made),
  };
}

function rendered(made: Schedule): RenderedKernel {
  const { text, facts, launch } = source(made);
  return { source: text, template: family(made.family).template, facts, ...(launch && { launch }) };
}

function schedule(trial: Trial): Schedule | undefined {
  return currentSchedule(trial, readTarget(trial.target));
}

function outranks(a: Winner, b: Winner): boolean {
  const [batchA, batchB] = [trialProblem(a.trial).batch, trialProblem(b.trial).batch];
  if (batchA !== batchB) return batchA > batchB;
  const [threadsA, threadsB] = [a.trial.threads, b.trial.threads];
  return threadsA !== threadsB ? threadsA > threadsB : a.measured > b.measured;
}

/** Microseconds, to a hundredth. */
function round(time: number): number {
  return Math.round(time * 100) / 100;
}
