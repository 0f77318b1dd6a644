import * as Plot from '@observablehq/plot';
import { plotSvg } from '../../../tuner/report/charts/plot_svg.js';
import { ratioText } from '../../../tuner/report/text.js';
import type { Measure } from '../measure.js';
import type { CellResult } from '../result.js';
import { peerLabel, toFloor } from '../summary.js';

const ROW = 18;
const MARGIN = { top: 22, bottom: 6, right: 46 };
/** Times the copy: where bars end, so that peers do not flatten ours. */
const MOST = 4;

interface Bar {
  readonly label: string;
  readonly row: number;
  readonly ratio: number;
  readonly shown: number;
  /** Where its samples lie, as they are shown. */
  readonly low: number;
  readonly high: number;
  readonly isOurs: boolean;
}

/** Bars of ours at each angle and of the peers, in units of the copy, which is the line at 1; what is longer is cut off. */
export function floorChart(cell: CellResult, measure: Measure): string {
  const bars = barsOf(cell, measure);
  const left = 14 + 6.2 * Math.max(...bars.map(({ label }) => label.length));
  return plotSvg({
    ariaLabel: `Times in units of the copy: ${bars.map(({ label, ratio }) => `${label} ${ratioText(ratio)}`).join(', ')}`,
    width: 360,
    height: MARGIN.top + MARGIN.bottom + ROW * bars.length,
    marginLeft: left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [0, MOST], axis: 'top', ticks: [0, 1, 2, 3, 4], tickFormat: 'd', tickSize: 0, label: null },
    y: {
      domain: bars.map(({ row }) => row),
      tickFormat: (row: number) => bars[row]!.label,
      tickSize: 0,
      label: null,
      padding: 0.3,
    },
    marks: [
      Plot.barX(bars, {
        x: 'shown',
        y: 'row',
        fill: ({ isOurs }: Bar) => (isOurs ? 'var(--bar)' : 'var(--faint)'),
      }),
      Plot.ruleY(bars, { x1: 'low', x2: 'high', y: 'row', stroke: 'var(--ink)', strokeWidth: 1.5 }),
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

function barsOf(cell: CellResult, measure: Measure): readonly Bar[] {
  const ours = cell.layers.map(({ label, times }) => ({ label, time: times[measure], isOurs: true }));
  const peers = cell.peers.flatMap((peer) => {
    const time = peer.times[measure];
    return time ? [{ label: peerLabel(peer), time, isOurs: false }] : [];
  });
  return [...ours, ...peers].map(({ label, time, isOurs }, row) => {
    const ratio = toFloor(cell, measure, time)!;
    const shown = (value: number) => Math.min(value, MOST);
    const [low, high] = [shown(ratio * (1 - time.spread)), shown(ratio * (1 + time.spread))];
    return { label, row, ratio, shown: shown(ratio), low, high, isOurs };
  });
}
