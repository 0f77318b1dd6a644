import type { ProfiledStep } from '../model/profile.js';

/** Alike steps of one stage together: of `stages.2.0.pwconv1` to `stages.2.8.pwconv1`. */
export interface StepGroup {
  /** `stages.2.pwconv1`. */
  readonly name: string;
  readonly steps: readonly ProfiledStep[];
  /** What does them, each once. */
  readonly kernels: readonly string[];
  /** Sums: microseconds, those of the floors, operations and bytes. */
  readonly time: number;
  readonly floor: number;
  readonly flops: number;
  readonly bytes: number;
}

/** In the order in which a group's first step runs. */
export function stepGroups(steps: readonly ProfiledStep[]): readonly StepGroup[] {
  const groups = new Map<string, ProfiledStep[]>();
  for (const step of steps) {
    const name = step.name.replace(/^(stages\.\d+)\.\d+\./, '$1.');
    groups.set(name, [...(groups.get(name) ?? []), step]);
  }
  return Object.freeze(
    [...groups].map(([name, those]) =>
      Object.freeze<StepGroup>({
        name,
        steps: those,
        kernels: [...new Set(those.map(({ kernel }) => kernel))],
        time: sum(those.map(({ time }) => time)),
        floor: sum(those.map(({ floor }) => floor)),
        flops: sum(those.map(({ flops }) => flops)),
        bytes: sum(those.map(({ bytes }) => bytes)),
      }),
    ),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
