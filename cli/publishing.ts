import { existsSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { GENERAL_FILE, generalKernel } from '../generator/families/cpp_general.js';
import { CUDA_GENERAL_FILE, cudaGeneralKernel } from '../generator/families/cuda_general.js';
import { MANIFEST, readManifest } from '../generator/library/manifest.js';
import { assertPublishable, publish } from '../generator/library/publish.js';
import { realFolder } from '../generator/library/replace.js';
import { republish } from '../generator/library/republish.js';
import { machine } from '../runtime/machine.js';
import { TunerError } from '../tuner/errors.js';
import { harvest, renderKernel } from '../tuner/harvest.js';
import { CliError } from './errors.js';
import { PUBLISHED } from './published.js';
import { openExisting } from './store_option.js';

export interface Publishing {
  readonly folder: string;
  readonly kernels: number;
}

/**
 * Publishes the winners of this machine as a library. The package's own folder also holds the general kernels.
 * @throws CliError, StoreError, LibraryError, TunerError if there is no winner yet
 */
export async function publishWinners(db: string, folder: string): Promise<Publishing> {
  const store = openExisting(db);
  try {
    assertPublishing(db, folder);
    const kernels = harvest(store, { machine: machine().name });
    if (kernels.length === 0)
      throw new TunerError({
        code: 'no-winner',
        value: db,
        rule: 'the database holds no winner of this machine',
        remedy: 'tune first, for example `oriented1d tune table5 --budget 60s`',
      });
    publish({ folder, kernels, command: COMMAND, extras: generalKernelsOf(folder) });
    return { folder, kernels: kernels.length };
  } finally {
    store.close();
  }
}

/**
 * Says before any work is done that {@link publishWinners} could not write there. Changes nothing.
 * @throws CliError if the database lies in the folder, LibraryError
 */
export function assertPublishing(db: string, folder: string): void {
  const inside = relative(realFolder(resolve(folder)), realFolder(resolve(db)));
  if (inside.split(sep)[0] !== '..')
    throw new CliError({
      code: 'database-inside',
      value: db,
      rule: `a library is replaced as a whole folder, and the database lies in ${folder}`,
      remedy: 'keep it elsewhere with --db, or publish into another folder',
    });
  assertPublishable(folder, new Map(Object.entries(generalKernelsOf(folder))));
}

/**
 * Writes a library again from its own manifest, with the kernels as the generator renders them today.
 * @throws LibraryError if the folder is no library
 */
export function refreshLibrary(folder: string): Publishing {
  const { kernels } = republish({ folder, render: renderKernel, extras: generalKernelsOf(folder) });
  return { folder, kernels: kernels.length };
}

/** What the files of a library say of how to write them again. */
const COMMAND = 'oriented1d library refresh DIR';

const GENERAL_KERNELS: ReadonlyMap<string, () => string> = new Map([
  [GENERAL_FILE, generalKernel],
  [CUDA_GENERAL_FILE, cudaGeneralKernel],
]);

/** The general kernels that belong into a library: all into this package's own, into another those that it has. */
function generalKernelsOf(folder: string): Readonly<Record<string, string>> {
  const own = realFolder(resolve(folder)) === realFolder(PUBLISHED);
  const listed = existsSync(join(folder, MANIFEST)) ? readManifest(folder).files : {};
  const belonging = [...GENERAL_KERNELS].filter(([path]) => own || path in listed);
  return Object.fromEntries(belonging.map(([path, text]) => [path, text()]));
}
