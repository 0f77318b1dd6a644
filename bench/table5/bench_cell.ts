import { type Timing, timing } from '../layers.js';
import type { PeerDevice } from '../peer.js';
import { type Sampler, sampleInRounds } from '../rounds.js';
import type { Cell } from './cell.js';
import { FLOORS, type Floor, MEASURES, type Measure } from './measure.js';
import { type Axis, peerLanes } from './peer_times.js';
import type { OpenPeer, PeerName } from './peers.js';
import type { LayerKernels, TableStage } from './stage.js';

/** Rounds hold one sample of everything; more than the most add little. */
const LEAST_ROUNDS = 4;
const MOST_ROUNDS = 15;

export type Times = Partial<Record<Measure, Timing>>;

/** What came of a cell. Times in microseconds of the whole batch. */
export interface CellTimes {
  readonly sets: number;
  readonly rounds: number;
  readonly copies: Readonly<Record<Floor, Timing>>;
  /** Of the layers, in their order. */
  readonly layers: readonly Record<Measure, Timing>[];
  readonly peers: readonly { readonly name: PeerName; readonly axis: Axis; readonly times: Times }[];
}

/** Who takes part, and for how long. */
export interface Heat {
  readonly stage: TableStage;
  readonly layers: readonly LayerKernels[];
  readonly peers: readonly OpenPeer[];
  readonly device: PeerDevice;
  /** Told of each round, that which warms up as well. */
  onRound(): void;
  /** Whether the time for this cell is over; asked after each round. */
  isOver(): boolean;
}

/**
 * Times all layers of a cell, its copies and its peers side by side, one sample of each a round.
 * @throws BenchError, DeviceError
 */
export async function benchCell(
  cell: Cell,
  { stage, layers, peers, device, onRound, isOver }: Heat,
): Promise<CellTimes> {
  const acts = layers.map((kernels) => stage.load(kernels));
  const lanes = await peerLanes(peers, cell, stage.sets, device);
  const samplers: Sampler[] = [];
  const places = new Map<Sampler, number>();
  const add = (sampler: Sampler) => {
    places.set(sampler, samplers.length);
    samplers.push(sampler);
    return sampler;
  };
  const copies = FLOORS.map((floor) => [floor, add(stage.copy(floor))] as const);
  for (const act of acts) for (const measure of MEASURES) add(act[measure]);
  for (const { samplers: own } of lanes) for (const sampler of own.values()) add(sampler);
  const isEnough = (rounds: number) => rounds >= LEAST_ROUNDS && isOver();
  const samples = await sampleInRounds(samplers, MOST_ROUNDS, onRound, isEnough);
  const timed = (sampler: Sampler) => timing(samples[places.get(sampler)!]!);
  return {
    sets: stage.sets,
    rounds: samples[0]!.length,
    copies: Object.fromEntries(
      copies.map(([floor, sampler]) => [floor, timed(sampler)]),
    ) as CellTimes['copies'],
    layers: acts.map(
      (act) => Object.fromEntries(MEASURES.map((measure) => [measure, timed(act[measure])])) as never,
    ),
    peers: lanes.map(({ peer, axis, samplers: own }) => ({
      name: peer.name,
      axis,
      times: Object.fromEntries([...own].map(([measure, sampler]) => [measure, timed(sampler)])),
    })),
  };
}
