import { cpuStage } from '../bench/cpu_stage.js';
import { cudaStage } from '../bench/cuda_stage.js';
import { benchHeat, HEAT_ROUNDS, type Heat, heats, type LayerResult, type Rival } from '../bench/layers.js';
import { type PeerDevice, TORCH_REMEDY, TorchPeer } from '../bench/peer.js';
import type { Cache, Contestant, Stage } from '../bench/stage.js';
import type { ClockRange } from '../tuner/measure/clock_range.js';
import { clockLog } from './clock_log.js';
import type { Device } from './device.js';
import { allOrNothing } from './interruption.js';
import { shapeName } from './tune_table.js';
import type { Ui } from './ui.js';

/** What a peer is; it may be missing. */
export type LayerPeer = 'torch' | 'none';

export interface TimedLayers {
  readonly results: readonly LayerResult[];
  /** PyTorch's version; null if it was not measured. */
  readonly torch: string | null;
  /** Of a GPU whose driver tells, at the end of each round. */
  readonly clocks: ClockRange | undefined;
}

/** Times heat after heat. Ctrl-C ends it at once. */
export async function timeLayers(
  device: Device,
  kernels: readonly Contestant[],
  { peers, cache }: { readonly peers: LayerPeer; readonly cache: Cache },
  ui: Ui,
): Promise<TimedLayers> {
  const rival = peers === 'torch' ? await findRival(device, ui) : undefined;
  const all = heats(kernels);
  const progress = ui.progress('timing', all.length * HEAT_ROUNDS);
  const end = () => {
    progress.stop();
    rival?.peer.close();
  };
  const time = async () => {
    const results: LayerResult[] = [];
    const clocks = clockLog(device);
    for (const heat of all)
      results.push(
        ...(await onStage(stageOf(device, heat, cache), heat, rival, () => {
          clocks.read();
          progress.step(shapeName(heat.shape));
        })),
      );
    return { results, torch: rival?.peer.version ?? null, clocks: clocks.range() };
  };
  return allOrNothing(time, end, ui);
}

async function onStage(
  stage: Stage,
  heat: Heat,
  rival: Rival | undefined,
  onRound: () => void,
): Promise<readonly LayerResult[]> {
  try {
    return await benchHeat(heat, stage, rival, onRound);
  } finally {
    stage.close();
  }
}

function stageOf(device: Device, { shape }: Heat, cache: Cache): Stage {
  switch (device.kind) {
    case 'cpu':
      return cpuStage(device, shape, cache);
    case 'cuda':
      return cudaStage(device, shape, cache);
    default:
      return device satisfies never;
  }
}

async function findRival(device: Device, ui: Ui): Promise<Rival | undefined> {
  const place: PeerDevice =
    device.kind === 'cpu' ? { device: 'cpu', threads: device.threads } : { device: 'cuda' };
  const peer = await TorchPeer.open(place.device);
  if (!peer) ui.note(`PyTorch is missing: ${TORCH_REMEDY[place.device]}`);
  return peer && { peer, device: place };
}
