import { openPeers } from '../bench/table5/peers.js';
import type { TableResult } from '../bench/table5/result.js';
import { writeAside, writeJsonAside } from './atomic.js';
import type { BenchOptions } from './bench.js';
import { openBenched } from './bench_device.js';
import { TABLE_PEERS } from './bench_peers.js';
import { provenance } from './bench_provenance.js';
import type { Outcome } from './command.js';
import type { Device } from './device.js';
import { allOrNothing } from './interruption.js';
import { assertOutputs } from './output.js';
import { DEFAULT_DB } from './store_option.js';
import { assertTableOptions } from './table5_options.js';
import { tableText } from './table5_table.js';
import { planned, timeTable } from './table5_timing.js';
import type { Ui } from './ui.js';

/** Seconds of the whole table unless given. */
const BUDGETS = { cpu: 90, cuda: 240 } as const;

/** `oriented1d bench table5`. @throws CliError, BenchError, DeviceError */
export async function benchTable5(options: BenchOptions, ui: Ui): Promise<Outcome> {
  const begun = performance.now();
  assertTableOptions(options);
  const { save, report, db = DEFAULT_DB } = options;
  await assertOutputs(
    [save, report].filter((file) => file !== undefined),
    [db],
  );
  const device = openBenched(options);
  const seconds = options.budget ?? BUDGETS[device.kind];
  const plan = planned(options, device);
  const peers = await openPeers(options.peers ?? TABLE_PEERS[device.kind], device.kind);
  for (const { name, remedy } of peers) if (remedy) ui.note(`${name} is missing: ${remedy}`);
  const end = () => {
    for (const { process: peer } of peers) peer?.close();
  };
  const { cells, clocks } = await allOrNothing(
    () => timeTable(plan, { device, peers, db }, begun + 1000 * seconds, ui),
    end,
    ui,
  );
  const document: TableResult = {
    provenance: {
      ...(await placeAndTime(device)),
      angles: options.asPublished ? 'as published' : 'degrees',
      peers: peers.map(({ name, process, remedy }) => ({
        name,
        version: process?.version ?? null,
        missing: remedy ?? null,
      })),
      ...(clocks && { clocks }),
      seconds: Math.round((performance.now() - begun) / 100) / 10,
    },
    cells,
  };
  if (save !== undefined) await writeJsonAside(save, document);
  if (report !== undefined)
    // what draws takes half a second to load
    await writeAside(report, (await import('../bench/table5/page/page.js')).tablePage(document));
  return { document, text: tableText(document, ui) };
}

/** Peers have a list of their own. */
async function placeAndTime(
  device: Device,
): Promise<Omit<TableResult['provenance'], 'angles' | 'peers' | 'clocks' | 'seconds'>> {
  const { torch: _, ...rest } = (await provenance(device, null)) as TableResult['provenance'] & {
    readonly torch: null;
  };
  return rest;
}
