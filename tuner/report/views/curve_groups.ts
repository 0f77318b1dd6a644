import { searchCurve } from '../charts/search_curve.js';
import { kernelGroups } from '../kernel_group.js';
import type { ProblemReport } from '../report.js';
import { countText } from '../text.js';

/** A curve a problem, those of a kernel side by side. */
export function curveGroups(all: readonly ProblemReport[], ids: ReadonlyMap<ProblemReport, string>) {
  return kernelGroups(all).map(({ heading, problems, labels }) => ({
    heading,
    curves: problems.map((problem, i) => {
      const chart = searchCurve(problem);
      return {
        id: ids.get(problem)!,
        label: labels[i]!,
        drawn: chart !== undefined,
        chart: chart ?? '',
        trials: countText(problem.trials, 'trial'),
      };
    }),
  }));
}
