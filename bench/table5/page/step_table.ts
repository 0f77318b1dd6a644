import { NONE } from '../../../tuner/report/text.js';
import type { Timing } from '../../layers.js';
import type { Step } from '../measure.js';
import { percentText } from '../noise.js';
import { PUBLISHED_GPU, publishedTimes } from '../published.js';
import type { CellResult } from '../result.js';
import { angleSpread, milliseconds, peerLabel } from '../summary.js';

/** A time in milliseconds, and how far its samples lie apart; '' of what has none. */
type StepCell = Readonly<Record<'value' | 'spread', string>>;

/** A row of a page's table: what it is of, and a cell a column. */
interface Row {
  readonly label: string;
  readonly kind: 'published' | 'peer' | 'ours' | 'spread';
  readonly cells: readonly StepCell[];
}

/** A step's table, like the paper's: milliseconds, published times first. */
export function stepTable(columns: readonly CellResult[], step: Step) {
  const row = (kind: Row['kind'], label: string, cell: (column: CellResult) => StepCell): Row => ({
    label,
    kind,
    cells: columns.map(cell),
  });
  const [first] = columns;
  const published = (label: string, key: 'torch' | 'paper') =>
    row('published', `${label}, ${PUBLISHED_GPU}`, (column) =>
      alone(publishedTimes(column)?.[key].toFixed(1) ?? NONE),
    );
  const rows = [
    ...(step === 'step' && columns.some(publishedTimes)
      ? [published('published: torch 1xK', 'torch'), published('published: paper', 'paper')]
      : []),
    ...first!.peers.map((peer, i) =>
      row('peer', peerLabel(peer), (column) => timeCell(column.peers[i]!.times[step])),
    ),
    ...first!.layers.map(({ label }, i) =>
      row('ours', `ours ${label}`, (column) => timeCell(column.layers[i]!.times[step])),
    ),
    row('spread', 'slowest angle to fastest', (column) =>
      alone(`${angleSpread(column, step).ratio.toFixed(2)}×`),
    ),
  ];
  return {
    columns: columns.map(({ size, kernel }) => ({ size: `${size}×${size}`, kernel: `K=${kernel}` })),
    rows: rows.map(({ label, kind, cells }) => ({ label, kind, cells: [...cells] })),
  };
}

function timeCell(time: Timing | undefined): StepCell {
  return time ? { value: milliseconds(time.median), spread: `±${percentText(time.spread)}` } : alone(NONE);
}

function alone(value: string): StepCell {
  return { value, spread: '' };
}
