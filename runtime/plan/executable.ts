import type { Plan } from './plan.js';

/** A plan on a device: kernels loaded, parameters in place, memory taken. */
export interface Executable {
  readonly kind: 'executable';
  readonly plan: Plan;
  /** Of the arena, parameters and what kernels need beside them. */
  readonly bytes: number;
  /**
   * Runs all steps. One run at a time; a second waits for the first.
   * @param images [N,3,H,W], as many as the plan's batch; left alone until the promise resolves
   * @returns the plan's outputs by name, arrays of the caller's own
   * @throws DeviceError
   */
  run(images: Float32Array): Promise<ReadonlyMap<string, Float32Array<ArrayBuffer>>>;
  /**
   * Microseconds of all steps in one go, the mean of so many times by the wall clock, on what the last run left in memory:
   * without images that come and results that go.
   * @throws DeviceError
   */
  time(runs: number): Promise<number>;
  /**
   * Times what the last run did, on what it left in memory: the median of so many rounds.
   * @throws DeviceError
   */
  profile(rounds: number): Promise<Profile>;
  /** Gives back all memory; nothing may run afterwards. */
  close(): void;
}

export interface Profile {
  /** Microseconds of all steps in one go. */
  readonly total: number;
  readonly steps: readonly StepTime[];
}

export interface StepTime {
  readonly name: string;
  /** Kernel, family or library routine that does it. */
  readonly kernel: string;
  /** Microseconds. */
  readonly time: number;
}
