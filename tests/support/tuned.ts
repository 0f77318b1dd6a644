import { type Problem, problem } from '../../generator/problem.js';
import type { Schedule } from '../../generator/schedule.js';
import { space } from '../../generator/space.js';
import { readTarget } from '../../generator/target.js';
import { candidate } from '../../tuner/candidate.js';
import { spaceVersion } from '../../tuner/space_version.js';
import type { Store } from '../../tuner/store/store.js';
import { RUN, timing, took } from './trials.js';

/** A small layer that families of both devices serve, told apart by its size. */
export function smallLayer(size: number): Problem {
  return problem({ height: size, width: size, kernel: 3, angles: [0], channels: 32 });
}

export interface Tuned {
  readonly problem: Problem;
  readonly target: string;
  readonly machine: string;
  readonly threads?: number;
  /** Microseconds of the winner. */
  readonly time?: number;
}

/** Records a final of a problem's first two schedules, which the second one wins; gives that one. */
export function tuned(store: Store, { problem, target, machine, threads = 1, time = 10 }: Tuned): Schedule {
  const toolchain = { compiler: 'a compiler', flags: '' };
  const setting = { target: readTarget(target), toolchain, machine, threads };
  const made = space(problem, setting.target)
    .candidates.slice(0, 2)
    .map((schedule) => candidate(schedule, setting));
  const session = store.begin(RUN);
  for (const [i, { schedule, source: _, ...key }] of made.entries())
    session.record({ ...key, target, params: schedule.params, isDefault: i === 0, outcome: took(9) });
  const finalists = made.map(({ schedule, source, ...key }, i) => ({
    key,
    measurement: timing(time + 10 * (1 - i)),
  }));
  session.recordFinal(finalists.toReversed(), timing(5), { space: spaceVersion(problem, setting.target) });
  return made[1]!.schedule;
}
