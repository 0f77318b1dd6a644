import { DeviceError } from '../errors.js';
import { requireFloats } from '../tensor.js';
import { turns } from '../turns.js';
import type { Executable, Profile } from './executable.js';
import type { Plan } from './plan.js';

/** What a device does with a plan that it holds, one thing at a time. */
export interface Opened {
  readonly bytes: number;
  /** @param images as many as the plan wants */
  run(images: Float32Array): Promise<ReadonlyMap<string, Float32Array<ArrayBuffer>>>;
  /** @param runs from 1 */
  time(runs: number): Promise<number>;
  /** @param rounds from 1 */
  profile(rounds: number): Promise<Profile>;
  close(): void;
}

/** A plan that is held: whatever is asked of it waits for its turn, is checked, and is refused once it was closed. */
export function executableOf(plan: Plan, opened: Opened): Executable {
  const turn = turns();
  let held: Opened | undefined = opened; // nothing else keeps its memory
  const whileOpen = <T>(work: (held: Opened) => Promise<T>) =>
    turn(async () => {
      if (!held) throw closed(plan);
      return work(held);
    });
  return Object.freeze<Executable>({
    kind: 'executable',
    plan,
    bytes: opened.bytes,
    run: (images) =>
      whileOpen(async ({ run }) => {
        requireFloats('images', images, [plan.batch, 3, plan.height, plan.width]);
        return run(images);
      }),
    time: (runs) =>
      whileOpen(async ({ time }) => {
        requireCount('runs', runs);
        return time(runs);
      }),
    profile: (rounds) =>
      whileOpen(async ({ profile }) => {
        requireCount('rounds', rounds);
        return profile(rounds);
      }),
    close() {
      const last = held;
      held = undefined;
      // After a run that is under way. A device that refuses was lost, and its memory with it.
      if (last) turn(async () => last.close()).catch(() => undefined);
    },
  });
}

function requireCount(what: 'runs' | 'rounds', count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new DeviceError('user', {
    code: `${what}-range`,
    value: count,
    rule: `${what} must be a whole number from 1`,
    remedy: 'use for example 20',
  });
}

function closed({ batch, height, width }: Plan): DeviceError {
  return new DeviceError('user', {
    code: 'executable-closed',
    value: `[${batch}, 3, ${height}, ${width}]`,
    rule: 'the executable for images of this size was closed',
    remedy: 'open the plan again',
  });
}
