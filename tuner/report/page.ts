import { basename } from 'node:path';
import { render } from '../../generator/template.js';
import { median } from '../measure/stats.js';
import { VERDICTS } from '../outcome.js';
import { Drawings } from './drawings.js';
import { failedTrials } from './failure_group.js';
import type { ProblemReport, Report, SettingReport } from './report.js';
import { countText, momentText, ratioText } from './text.js';
import { curveGroups } from './views/curve_groups.js';
import { floorPanels } from './views/floor_panels.js';
import { problemView } from './views/problem_view.js';
import { winnerRow } from './views/winner_row.js';

/** Up to so many problems are shown with all that is known of them; of more, one opens those one wants. */
const FEW = 12;

/** A report as one HTML page that needs nothing else: no network and no script. @throws TemplateError */
export function reportPage(report: Report): string {
  const problems = report.settings.flatMap((setting) => setting.problems);
  const ids = new Map(problems.map((problem, i) => [problem, `problem-${i + 1}`]));
  const drawings = new Drawings();
  const settings = report.settings.map((setting) => settingView(setting, ids, drawings));
  return render('report/page.html.hbs', {
    database: basename(report.database),
    made: momentText(report.made),
    figures: figures(problems),
    empty: problems.length === 0,
    open: problems.length <= FEW,
    settings,
    drawings: drawings.all().map(({ id, viewBox, paths }) => ({ id, viewBox, paths })),
  });
}

function settingView(
  { machine, target, threads, toolchain, problems }: SettingReport,
  ids: ReadonlyMap<ProblemReport, string>,
  drawings: Drawings,
) {
  const failures = problems.flatMap((problem) => problem.failures);
  return {
    machine,
    where: target.startsWith('cuda') ? target : `${target}, ${countText(threads, 'thread')}`,
    compiler: toolchain.compiler,
    flags: toolchain.flags,
    hasFlags: toolchain.flags !== '',
    winners: problems.map((problem) => winnerRow(problem, ids.get(problem)!)),
    panels: floorPanels(problems),
    searches: curveGroups(problems, ids),
    problems: problems.map((problem) => problemView(problem, ids.get(problem)!, drawings)),
    anyFailed: failures.length > 0,
    verdicts: VERDICTS.flatMap((verdict) => {
      const groups = failures.filter((group) => group.verdict === verdict);
      const trials = failedTrials(groups);
      return trials > 0 ? [{ verdict, trials: countText(trials, 'trial') }] : [];
    }),
  };
}

/** What a page says first. */
function figures(problems: readonly ProblemReport[]) {
  const trials = problems.reduce((sum, problem) => sum + problem.trials, 0);
  const failed = problems.reduce((sum, problem) => sum + failedTrials(problem.failures), 0);
  const ratios = problems.flatMap(({ winner }) => winner?.toFloor ?? []);
  const gains = problems.flatMap(({ winner }) => winner?.toDefault ?? []);
  return [
    { value: problems.length.toLocaleString('en'), name: problems.length === 1 ? 'problem' : 'problems' },
    { value: trials.toLocaleString('en'), name: trials === 1 ? 'trial' : 'trials' },
    { value: failed.toLocaleString('en'), name: 'failed' },
    ...(ratios.length > 0
      ? [
          { value: ratioText(median(ratios)), name: 'the copy, in the median' },
          { value: ratioText(Math.max(...ratios)), name: 'the copy, at worst' },
        ]
      : []),
    ...(gains.length > 0 ? [{ value: ratioText(median(gains)), name: 'the default, in the median' }] : []),
  ];
}
