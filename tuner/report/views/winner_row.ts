import { failedTrials } from '../failure_group.js';
import type { ProblemReport } from '../report.js';
import { momentText, NONE, problemText, ratioText, timeText } from '../text.js';

/** A problem's row in the table of winners. */
export function winnerRow({ problem, winner, trials, failures }: ProblemReport, id: string) {
  const failed = failedTrials(failures);
  return {
    id,
    problem: problemText(problem),
    schedule: winner?.schedule ?? 'none passed yet',
    time: winner ? timeText(winner.measurement.median) : NONE,
    spread: winner ? `±${(100 * winner.measurement.spread).toFixed(1)} %` : '',
    toFloor: ratioText(winner?.toFloor),
    toDefault: ratioText(winner?.toDefault),
    trials: trials.toLocaleString('en'),
    failed: failed > 0 ? `(${failed.toLocaleString('en')} failed)` : '',
    measured: winner ? momentText(winner.measured) : NONE,
  };
}
