import type { Kernels } from '../runtime/kernel_choice.js';
import type { Rig } from '../tuner/rig/rig.js';
import { standing } from '../tuner/standing.js';
import type { Store } from '../tuner/store/store.js';
import { publishedLibrary } from './published.js';

/** The kernels that are there without a search: winners of a database, of a rig's setting, and this package's. @throws LibraryError */
export function knownKernels({ setting }: Rig, store: Store | undefined): Kernels {
  return {
    target: setting.target,
    library: publishedLibrary(),
    tuned(problem) {
      const winner = store && standing(store, setting, problem).winner;
      return winner?.final ? winner.trial.kernel : undefined;
    },
  };
}
