import { NONE } from '../../../tuner/report/text.js';
import type { Timing } from '../../layers.js';
import type { Step } from '../measure.js';
import { PUBLISHED_GPU, publishedTimes } from '../published.js';
import type { CellResult } from '../result.js';
import { angleSpread, milliseconds, peerLabel } from '../summary.js';

/** A row of a page's table: what it is of, and a cell a column. */
interface Row {
  readonly label: string;
  readonly kind: 'published' | 'peer' | 'ours' | 'spread';
  readonly cells: readonly string[];
}

/** A step's table, like the paper's: milliseconds, published times first. */
export function stepTable(columns: readonly CellResult[], step: Step) {
  const row = (kind: Row['kind'], label: string, cell: (column: CellResult) => string): Row => ({
    label,
    kind,
    cells: columns.map(cell),
  });
  const [first] = columns;
  const published = (label: string, key: 'torch' | 'paper') =>
    row(
      'published',
      `${label}, ${PUBLISHED_GPU}`,
      (column) => publishedTimes(column)?.[key].toFixed(1) ?? NONE,
    );
  const rows = [
    ...(step === 'step' && columns.some(publishedTimes)
      ? [published('published: torch 1xK', 'torch'), published('published: paper', 'paper')]
      : []),
    ...first!.peers.map((peer, i) =>
      row('peer', peerLabel(peer), (column) => timeText(column.peers[i]!.times[step])),
    ),
    ...first!.layers.map(({ label }, i) =>
      row('ours', `ours ${label}`, (column) => timeText(column.layers[i]!.times[step])),
    ),
    row('spread', 'slowest angle to fastest', (column) => `${angleSpread(column, step).ratio.toFixed(2)}×`),
  ];
  return {
    columns: columns.map(({ size, kernel }) => ({ size: `${size}×${size}`, kernel: `K=${kernel}` })),
    rows: rows.map(({ label, kind, cells }) => ({ label, kind, cells: [...cells] })),
  };
}

function timeText(time: Timing | undefined): string {
  return time ? milliseconds(time.median) : NONE;
}
