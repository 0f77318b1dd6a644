import type { Claimant } from '../../generator/claimant.js';
import { measurement } from '../../tuner/measure/measurement.js';
import type { Outcome } from '../../tuner/outcome.js';
import { openDatabase } from '../../tuner/store/database.js';
import type { Run } from '../../tuner/store/sessions.js';
import { Store } from '../../tuner/store/store.js';
import type { TrialKey, TrialReport } from '../../tuner/store/trial.js';
import type { World } from '../../tuner/store/world.js';

export const RUN: Run = Object.freeze({ version: '0.1.0', search: 'random', seed: 7 });

const LAYER = 'fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512';

/** A key told apart by its tile length. */
export function trialKey(tile: number, changes: Partial<TrialKey> = {}): TrialKey {
  return {
    problem: `${LAYER}_n64`,
    kernel: `${LAYER}__cpp_sheared_t${tile}`,
    sourceHash: `hash ${tile}`,
    toolchain: { compiler: 'g++ 13.2.0', flags: '-O3 -mavx512f' },
    machine: 'A CPU at 2 GHz',
    threads: 2,
    ...changes,
  };
}

export function trialReport(key: TrialKey, outcome: Outcome, isDefault = false): TrialReport {
  return {
    ...key,
    target: 'cpu:avx512',
    params: { length: 14, lanes: 16, stream: true },
    isDefault,
    outcome,
  };
}

/** A sound kernel that takes about so many microseconds. */
export function took(microseconds: number): Outcome {
  return { kind: 'ok', relativeError: 1e-7, measurement: timing(microseconds) };
}

export function timing(microseconds: number) {
  return measurement([microseconds, microseconds + 1, microseconds - 1], 4, 'samples');
}

/** A world whose clock and processes the test moves. */
export interface TestWorld {
  now: number;
  readonly dead: Set<number>;
}

export function testWorld(): TestWorld {
  return { now: Date.UTC(2025, 10, 24, 12), dead: new Set() };
}

/** A store as a process of that number has it open. */
export function storeOf(path: string, world: TestWorld, pid: number): Store {
  const self: Claimant = { host: 'here', pid, processStart: null };
  const seen: World = { self, now: () => world.now, alive: (claimant) => !world.dead.has(claimant.pid) };
  return new Store(openDatabase(path), seen);
}
