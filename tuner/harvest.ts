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

/** Which winners go into a library. */
export interface Harvest {
  /** The machine's name; times of different machines do not compare. */
  readonly machine: string;
}

/**
 * The winners of a machine's finals, one for each layer and target, ready to be published. Of several tunings of a layer
 * the one with the largest batch counts, then the one with the most threads, then the latest final.
 */
export function harvest(store: Store, { machine }: Harvest): readonly PublishedKernel[] {
  const best = new Map<string, Winner>();
  for (const winner of store.winners({ machine }, (trial) => schedule(trial) !== undefined)) {
    if (!winner.final) continue;
    const key = `${winner.trial.target} ${winner.trial.layer}`;
    const other = best.get(key);
    if (!other || outranks(winner, other)) best.set(key, winner);
  }
  return [...best.values()].map((winner) => published(store, winner));
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
  const { text, facts } = source(made);
  return { source: text, template: family(made.family).template, facts };
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
