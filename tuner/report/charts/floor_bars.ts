import * as Plot from '@observablehq/plot';
import type { ProblemReport } from '../report.js';
import { ratioText } from '../text.js';
import { plotSvg } from './plot_svg.js';

const ROW = 20;
const MARGIN = { top: 22, bottom: 8, right: 42 };

interface Bar {
  readonly label: string;
  readonly row: number;
  readonly ratio: number;
  /** The default schedule's. */
  readonly fallback: number | undefined;
}

/**
 * Bars of winners' times in units of the copy, which is the line at 1; a tick marks the default schedule's.
 * @param labels of the rows
 * @param most the longest bar of all such charts of a page, so that they share a scale
 */
export function floorBars(rows: readonly ProblemReport[], labels: readonly string[], most: number): string {
  const bars = rows.map(({ winner }, row): Bar => {
    const ratio = winner!.toFloor!;
    const fallback = winner!.toDefault === undefined ? undefined : ratio / winner!.toDefault;
    return { label: labels[row]!, row, ratio, fallback };
  });
  const left = 14 + 6.2 * Math.max(...labels.map(({ length }) => length));
  const defaults = bars.filter(({ fallback }) => fallback !== undefined && fallback <= most);
  return plotSvg({
    ariaLabel: `Times in units of the copy: ${bars.map(({ label, ratio }) => `${label} ${ratioText(ratio)}`).join(', ')}`,
    width: 360,
    height: MARGIN.top + MARGIN.bottom + ROW * bars.length,
    marginLeft: left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [0, most], axis: 'top', ticks: ticksTo(most), tickFormat: 'd', tickSize: 0, label: null },
    y: {
      domain: bars.map(({ row }) => row),
      tickFormat: (row: number) => labels[row]!,
      tickSize: 0,
      label: null,
      padding: 0.3,
    },
    marks: [
      Plot.barX(bars, { x: 'ratio', y: 'row', fill: 'var(--bar)' }),
      Plot.tickX(defaults, { x: 'fallback', y: 'row', stroke: 'var(--ink)', strokeWidth: 1.5 }),
      Plot.ruleX([1], { stroke: 'var(--accent)', strokeWidth: 1.5 }),
      Plot.text(bars, {
        y: 'row',
        text: ({ ratio }: Bar) => ratioText(ratio),
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: MARGIN.right,
      }),
    ],
  });
}

/** Whole numbers, five or so. */
function ticksTo(most: number): readonly number[] {
  const step = Math.max(1, Math.ceil(most / 5));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
