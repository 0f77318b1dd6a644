import type { Sampler } from '../rounds.js';
import type { Contestant } from '../stage.js';
import type { Floor, Measure } from './measure.js';

/** The kernels of a layer; dgrad is fprop's, with reversed weights. */
export type LayerKernels = Readonly<Record<'fprop' | 'wgrad' | 'backward', Contestant>>;

/** Samples in microseconds. */
export type LayerActs = Readonly<Record<Measure, Sampler>>;

/** Where the layers of a cell are timed: a device, and sets of tensors in rotation. */
export interface TableStage {
  /** How many sets take turns; peers use as many. */
  readonly sets: number;
  /** Loads a layer's kernels and verifies what they compute. @throws BenchError if one is wrong, DeviceError */
  load(kernels: LayerKernels): LayerActs;
  copy(floor: Floor): Sampler;
  /** Gives the memory of its tensors back. */
  close(): void;
}
