import { floorBars } from '../charts/floor_bars.js';
import { kernelGroups } from '../kernel_group.js';
import type { ProblemReport } from '../report.js';

/** Charts of the problems that a final was held of: one for all sizes and directions of a kernel, on one scale. */
export function floorPanels(problems: readonly ProblemReport[]) {
  const held = problems.filter(({ winner }) => winner?.toFloor !== undefined);
  const most = Math.max(1.5, ...held.map(({ winner }) => winner!.toFloor!));
  return kernelGroups(held).map(({ heading, problems, labels }) => ({
    heading,
    chart: floorBars(problems, labels, most),
  }));
}
