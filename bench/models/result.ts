import type { ModelCell } from './cell.js';

/** Of one network and batch; times in microseconds of a batch. */
export interface ModelResult extends Omit<ModelCell, 'kind'> {
  readonly ours: NetworkTime & {
    /** Of the steps alone that are depthwise convolutions, and how long copies of their bytes take. */
    readonly convolutions: { readonly time: number; readonly floor: number };
  };
  readonly peers: readonly PeerNetwork[];
}

export interface NetworkTime {
  /** Median over the rounds. */
  readonly median: number;
  /** As the tuner's: the median absolute deviation as a standard deviation, relative to the median. */
  readonly spread: number;
  /** Held on the device; 0 where it is not known. */
  readonly bytes: number;
}

/** A peer's time of an equal network, or why there is none. */
export type PeerNetwork =
  | (NetworkTime & {
      readonly kind: 'timed';
      readonly name: string;
      /** The largest difference of a logit from ours, relative to the largest logit. */
      readonly difference: number;
    })
  | { readonly kind: 'missing'; readonly name: string; readonly reason: string };

export function imagesASecond(batch: number, { median }: Pick<NetworkTime, 'median'>): number {
  return (1e6 * batch) / median;
}
