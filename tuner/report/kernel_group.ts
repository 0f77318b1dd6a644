import type { Problem } from '../../generator/problem.js';
import { grouped } from './grouped.js';
import type { ProblemReport } from './report.js';
import { headed } from './text.js';

/** Problems of one kernel length, which differ in size, directions or channels. */
export interface KernelGroup {
  /** What they have in common: `fprop nchw K=31 C=512 N=64`. */
  readonly heading: string;
  readonly problems: readonly ProblemReport[];
  /** What tells each from the others: `56×56 22.5°`. */
  readonly labels: readonly string[];
}

export function kernelGroups(all: readonly ProblemReport[]): readonly KernelGroup[] {
  return [...grouped(all, ({ problem }) => kernelOf(problem)).values()].map((problems) => ({
    ...headed(problems.map(({ problem }) => problem)),
    problems,
  }));
}

function kernelOf({ op, layout, dtype, stride, filter, kernel }: Problem): string {
  return [op, layout, dtype, stride, filter, kernel].join(' ');
}
