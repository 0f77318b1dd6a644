import * as Plot from '@observablehq/plot';
import type { CurveStep } from '../curve.js';
import type { ProblemReport } from '../report.js';
import { countText, timeText } from '../text.js';
import { plotSvg } from './plot_svg.js';

/** Times beyond so many times the best are drawn at the upper edge: what counts happens near the best. */
const REACH = 2.5;

type Timed = CurveStep & { readonly time: number; readonly best: number };

/**
 * The best time after each trial as a line, trials as dots, failed ones as marks at the foot, and the copy's time as a
 * dashed line. Undefined where every trial failed.
 */
export function searchCurve({ curve: { steps }, winner, name }: ProblemReport): string | undefined {
  const timed = steps.filter((step): step is Timed => step.time !== undefined);
  if (timed.length === 0) return undefined;
  const failed = steps.filter(({ time }) => time === undefined);
  const best = timed.at(-1)!.best;
  const copy = winner?.copy ? [winner.copy.median] : [];
  const low = Math.min(best, ...copy);
  const high = Math.min(REACH * best, Math.max(...timed.map(({ time }) => time), ...copy, 1.1 * best));
  const clamped = (time: number) => Math.min(time, high);
  const line = [...timed, { ...timed.at(-1)!, trial: steps.length }];
  return plotSvg({
    ariaLabel: `${name}: best of ${countText(steps.length, 'trial')} ${timeText(best)}`,
    width: 200,
    height: 110,
    marginLeft: 46,
    marginRight: 8,
    marginTop: 8,
    marginBottom: 18,
    x: {
      domain: [1, Math.max(2, steps.length)],
      ticks: [1, Math.max(2, steps.length)],
      tickFormat: 'd',
      tickSize: 3,
      label: null,
    },
    y: {
      domain: [low - 0.14 * (high - low), high],
      ticks: [best, high],
      tickFormat: timeText,
      tickSize: 3,
      label: null,
    },
    marks: [
      Plot.ruleY(
        copy.filter((time) => time <= high),
        { stroke: 'var(--accent)', strokeDasharray: '3,3' },
      ),
      Plot.dot(timed, { x: 'trial', y: ({ time }: Timed) => clamped(time), r: 1.3, fill: 'var(--faint)' }),
      Plot.line(line, {
        x: 'trial',
        y: ({ best }: Timed) => clamped(best),
        curve: 'step-after',
        stroke: 'var(--ink)',
        strokeWidth: 1.6,
      }),
      Plot.dot(line.slice(-1), {
        x: 'trial',
        y: ({ best }: Timed) => clamped(best),
        r: 2.2,
        fill: 'var(--ink)',
      }),
      Plot.tickX(failed, { x: 'trial', stroke: 'var(--bad)', insetTop: 78 }),
    ],
  });
}
