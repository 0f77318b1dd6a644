import { resolve } from 'node:path';
import { GENERAL_FILE, generalKernel } from '../generator/families/cpp_general.js';
import { publish } from '../generator/library/publish.js';
import { republish } from '../generator/library/republish.js';
import { machine } from '../runtime/machine.js';
import { TunerError } from '../tuner/errors.js';
import { harvest, renderKernel } from '../tuner/harvest.js';
import { openStore } from '../tuner/store/store.js';
import { PUBLISHED } from './published.js';

export interface Publishing {
  readonly folder: string;
  readonly kernels: number;
}

/**
 * Publishes the winners of this machine as a library. The package's own folder also holds the general kernels.
 * @throws StoreError, LibraryError, TunerError if there is no winner yet
 */
export async function publishWinners(db: string, folder: string): Promise<Publishing> {
  const store = openStore(db);
  try {
    const kernels = harvest(store, { machine: machine().name });
    if (kernels.length === 0)
      throw new TunerError({
        code: 'no-winner',
        value: db,
        rule: 'the database holds no winner of this machine',
        remedy: 'tune first, for example `oriented1d tune table5 --budget 60s`',
      });
    publish({ folder, kernels, command: COMMAND, extras: extrasOf(folder) });
    return { folder, kernels: kernels.length };
  } finally {
    store.close();
  }
}

/**
 * Writes a library again from its own manifest, with the kernels as the generator renders them today.
 * @throws LibraryError if the folder is no library
 */
export function refreshLibrary(folder: string, extras = extrasOf(folder)): Publishing {
  const { kernels } = republish({ folder, render: renderKernel, extras });
  return { folder, kernels: kernels.length };
}

/** What the files of a library say of how to write them again. */
const COMMAND = 'oriented1d library refresh DIR';

/** What a library in this folder holds beside its kernels. */
export function extrasOf(folder: string): Readonly<Record<string, string>> {
  return resolve(folder) === PUBLISHED ? { [GENERAL_FILE]: generalKernel() } : {};
}
