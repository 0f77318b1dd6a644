import type { PeerDevice } from '../peer.js';
import type { PeerJob } from '../peer_process.js';
import type { Sampler } from '../rounds.js';
import type { Cell } from './cell.js';
import type { Measure } from './measure.js';
import { type OpenPeer, PEERS } from './peers.js';

export const AXES = ['horizontal', 'vertical'] as const;

export type Axis = (typeof AXES)[number];

/** Of a sample, in microseconds; what takes longer than the longest is run once. */
const SHORTEST = 2000;
const LONGEST = 50_000;

/** A row of a peer: a convolution along one axis, with what is sampled of it. */
export interface PeerLane {
  readonly peer: OpenPeer;
  readonly axis: Axis;
  /** Empty for a peer that is missing. */
  readonly samplers: ReadonlyMap<Measure, Sampler>;
}

/** Two rows a peer, of which the jobs are set up. @throws BenchError */
export async function peerLanes(
  peers: readonly OpenPeer[],
  cell: Cell,
  sets: number,
  device: PeerDevice,
): Promise<readonly PeerLane[]> {
  const lanes: PeerLane[] = [];
  for (const peer of peers) {
    await peer.process?.forget();
    for (const axis of AXES)
      lanes.push({ peer, axis, samplers: await samplers(peer, { ...jobOf(cell), ...device, sets, axis }) });
  }
  return lanes;
}

function jobOf({ layout, size, kernel, batch, channels }: Cell) {
  return { batch, channels, height: size, width: size, kernel, layout, stride: 1 };
}

async function samplers(
  { name, process }: OpenPeer,
  job: Omit<PeerJob, 'op'>,
): Promise<ReadonlyMap<Measure, Sampler>> {
  const { measures, settings } = PEERS[name];
  const made = new Map<Measure, Sampler>();
  if (!process) return made;
  for (const op of measures) {
    const number = await process.setup({ ...job, ...settings, op });
    const time = (runs: number) => process.time(number, runs);
    made.set(op, sampled({ sets: job.sets, shortest: SHORTEST, longest: LONGEST }, time));
  }
  return made;
}

/** How long a sample may take, and how short it may be. */
interface SampleLength {
  /** Of what is read in rotation: a sample takes all of them in turn, as ours do, where they do not take too long. */
  readonly sets: number;
  /** Microseconds. */
  readonly shortest: number;
  readonly longest: number;
}

/** Samples of so many runs that they take long enough. What a first run does once, such as choosing a kernel, does not count. */
export function sampled(
  { sets, shortest, longest }: SampleLength,
  time: (runs: number) => Promise<number>,
): Sampler {
  let runs: number | undefined;
  return async () => {
    if (runs === undefined) {
      await time(1);
      const one = await time(1);
      runs = Math.max(1, Math.ceil(shortest / one), Math.min(sets, Math.floor(longest / one)));
    }
    return time(runs);
  };
}
