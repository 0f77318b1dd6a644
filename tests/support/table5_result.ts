import { TRUE_ANGLES } from '../../bench/table5/angles.js';
import { cells, PAPER_TABLE, tableLayers } from '../../bench/table5/cell.js';
import { MEASURES, type Measure } from '../../bench/table5/measure.js';
import { AXES } from '../../bench/table5/peer_times.js';
import { PEERS, type PeerName } from '../../bench/table5/peers.js';
import type { CellResult, TableResult } from '../../bench/table5/result.js';

const timing = (median: number) => ({ median, spread: 0.01 });

/** A whole table with made-up times: ours take 10 us more at each further angle, peers 1000 us, copies 100 and 150 us. */
export function sampleTable(peers: readonly PeerName[] = ['torch', 'onnxruntime']): TableResult {
  return {
    provenance: {
      version: '0.0.0',
      measured: '2026-01-02T03:04:05.000Z',
      gpu: { name: 'Sample GPU <1>', driver: '13.0', target: 'cuda:sm_90' },
      compiler: 'NVRTC 13.0',
      unit: 'microseconds',
      angles: 'degrees',
      peers: peers.map((name) => ({
        name,
        version: name === 'torch' ? '2.11.0' : null,
        missing: name === 'torch' ? null : 'npm install it',
      })),
      seconds: 12,
    },
    cells: cells({ ...PAPER_TABLE, batch: 64 }).map((cell): CellResult => {
      const { kind: _, ...described } = cell;
      return {
        ...described,
        ...{ sets: 2, rounds: 15 },
        copies: { pass: timing(100), backward: timing(150) },
        layers: tableLayers(TRUE_ANGLES).map(({ label, angles }, i) => ({
          label,
          angles: [...angles],
          kernels: {
            fprop: { kernel: `fprop_${i}`, origin: i < 8 ? 'transferred' : 'published' },
            wgrad: { kernel: `wgrad_${i}`, origin: 'default' },
            backward: { kernel: `backward_${i}`, origin: 'tuned' },
          },
          times: Object.fromEntries(MEASURES.map((measure) => [measure, timing(200 + 10 * i)])) as Record<
            Measure,
            { median: number; spread: number }
          >,
        })),
        peers: peers.flatMap((name) =>
          AXES.map((axis, i) => ({
            name,
            axis,
            times:
              name === 'torch'
                ? Object.fromEntries(PEERS[name].measures.map((measure) => [measure, timing(1000 + i)]))
                : {},
          })),
        ),
      };
    }),
  };
}
