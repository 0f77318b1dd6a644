import * as Plot from '@observablehq/plot';
import type { FamilyEffects, ValueEffect } from '../effect.js';
import { plotSvg } from './plot_svg.js';

const ROW = 15;
const MARGIN = { top: 20, bottom: 6, left: 108, right: 14 };

/** A value's row; parameters have half a row between them. */
interface Row extends ValueEffect {
  readonly at: number;
}

type TimedRow = Row & { readonly best: number; readonly median: number };

/**
 * For every value of every parameter of a family a line from its best time to its median time, in units of the
 * problem's best; values all of whose trials failed have a cross. Undefined where no parameter was varied.
 * @param fastest the problem's best time, in microseconds
 */
export function effectChart({ family, parameters }: FamilyEffects, fastest: number): string | undefined {
  if (parameters.length === 0) return undefined;
  let at = -0.5;
  const named = parameters.map(({ name, values }) => {
    at += 0.5;
    return { name, at, rows: values.map((value): Row => ({ ...value, at: at++ })) };
  });
  const rows = named.flatMap((one) => one.rows);
  const timed = rows.filter((row): row is TimedRow => row.best !== undefined);
  const most = Math.max(1.2, ...timed.map(({ median }) => median / fastest));
  const over = (of: 'best' | 'median') => (row: TimedRow) => row[of] / fastest;
  return plotSvg({
    ariaLabel: `Effects of the parameters of ${family}: ${named.map(({ name }) => name).join(', ')}`,
    width: 340,
    height: MARGIN.top + MARGIN.bottom + ROW * at,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: [1, most], type: 'log', axis: null },
    y: { domain: [-0.5, at - 0.5], axis: null, reverse: true },
    marks: [
      ratioAxis(most),
      Plot.gridX(ticksTo(most), { stroke: 'var(--rule)', strokeOpacity: 1 }),
      Plot.text(named, {
        y: 'at',
        text: 'name',
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: -MARGIN.left + 2,
      }),
      Plot.text(rows, { y: 'at', text: 'value', frameAnchor: 'left', textAnchor: 'end', dx: -10 }),
      Plot.ruleY(timed, {
        y: 'at',
        x1: over('best'),
        x2: over('median'),
        stroke: 'var(--bar)',
        strokeWidth: 3,
      }),
      Plot.dot(timed, { y: 'at', x: over('median'), r: 3, fill: 'var(--page)', stroke: 'var(--ink)' }),
      Plot.dot(timed, { y: 'at', x: over('best'), r: 3, fill: 'var(--ink)' }),
      failures(rows.filter(({ best }) => best === undefined)),
    ],
  });
}

function ratioAxis(most: number) {
  const tickFormat = (ratio: number) => `${ratio}×`;
  return Plot.axisX(ticksTo(most), { anchor: 'top', tickFormat, tickSize: 0, label: null });
}

/** A cross in the rows of values all of whose trials failed. */
function failures(rows: readonly Row[]) {
  const place = { frameAnchor: 'left', textAnchor: 'start', dx: 4 } as const;
  return Plot.text(rows, { y: 'at', text: () => '× all failed', ...place, fill: 'var(--bad)' });
}

/** Few, at round ratios. */
function ticksTo(most: number): readonly number[] {
  const steps = [1, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000].filter((ratio) => ratio <= most);
  const every = Math.ceil(steps.length / 5);
  return steps.filter((_, i) => i % every === 0);
}
