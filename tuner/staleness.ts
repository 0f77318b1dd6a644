import { readTarget, type Target, targetName } from '../generator/target.js';
import { currentSchedule, trialProblem } from './candidate.js';
import { toolsOf } from './rig/toolchains.js';
import { spaceVersion } from './space_version.js';
import type { Toolchain } from './store/trial.js';
import type { Winner } from './store/winners.js';

export const OTHER_TEXT = 'the generator writes another text';
export const ELSEWHERE = 'measured on another machine';

/** A machine that would use a winner. */
export interface Place {
  readonly machine: string;
  readonly target: Target;
  /** Undefined where it has no compiler: then it makes no difference. */
  readonly toolchain: Toolchain | undefined;
}

/**
 * Why a winner no longer stands, a few words for each reason; none if it does: the generator writes another text under
 * its name, there are other schedules to choose from, or it was measured elsewhere or with other tools. Nothing that is
 * stale is taken for tuned; its trials stay, for what they hold for.
 * @param here the places that count, one at most for each machine and target
 */
export function staleness(winner: Winner, here: readonly Place[]): readonly string[] {
  const { trial } = winner;
  const target = readTarget(trial.target);
  const found = here.find((one) => one.machine === trial.machine && targetName(one.target) === trial.target);
  return [
    ...(currentSchedule(trial, target) ? [] : [OTHER_TEXT]),
    ...(winner.final ? otherSpace(winner, target) : []),
    ...(found ? otherTools(trial.toolchain, found.toolchain) : [ELSEWHERE]),
  ];
}

function otherSpace({ trial, space }: Winner, target: Target): readonly string[] {
  if (space === undefined) return ['chosen from schedules of an unknown version'];
  return space === versionOf(trial, target) ? [] : ['there are other schedules to choose from'];
}

/** Of a name that this version cannot read there are none. */
function versionOf(trial: Winner['trial'], target: Target): string | undefined {
  try {
    return spaceVersion(trialProblem(trial), target);
  } catch {
    return undefined;
  }
}

function otherTools(then: Toolchain, now: Toolchain | undefined): readonly string[] {
  if (!now) return [];
  const [was, is] = [toolsOf(then), toolsOf(now)];
  return [
    ...(was.compiler === is.compiler ? [] : [`compiled by ${was.compiler}, and here is ${is.compiler}`]),
    ...(was.driver === is.driver
      ? []
      : [`measured with driver ${was.driver ?? 'unknown'}, and here is ${is.driver}`]),
    ...(then.flags === now.flags ? [] : ['compiled with other flags']),
  ];
}
