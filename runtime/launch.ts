import { addon, type NativeLaunch } from './addon.js';
import { DeviceError } from './errors.js';

/** A kernel bound to its arrays: it runs as often as it is called, and checks nothing but that they are there. */
export interface Launch {
  readonly kind: 'launch';
  readonly native: NativeLaunch;
  /** @throws DeviceError if one of them was transferred away */
  readonly run: () => void;
  readonly runAsync: () => Promise<void>;
}

/** @param arrays what it is bound to: `input or output` */
export function launchOf(native: NativeLaunch, arrays: string): Launch {
  const { run, runAsync } = native;
  return Object.freeze<Launch>({
    kind: 'launch',
    native,
    run() {
      try {
        run();
      } catch (cause) {
        throw transferred(arrays, cause);
      }
    },
    async runAsync() {
      try {
        await runAsync();
      } catch (cause) {
        throw transferred(arrays, cause);
      }
    },
  });
}

/** Launches that belong together, one after the other in one call. @param arrays what they are bound to */
export function inOrder(launches: readonly Launch[], arrays: string): Launch {
  return launchOf(addon().sequence(launches.map(({ native }) => native)), arrays);
}

/** The one thing that a launch looks at, since its arrays were checked when they were bound. */
function transferred(arrays: string, cause: unknown): DeviceError {
  return new DeviceError('user', {
    code: 'array-transferred',
    value: arrays,
    rule: 'the memory of this launch was transferred away since it was bound',
    remedy: 'bind arrays that this thread has',
    cause,
  });
}
