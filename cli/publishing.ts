import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { generalFile, generalKernel } from '../generator/families/cpp_general.js';
import { cudaGeneralFile, cudaGeneralKernel } from '../generator/families/cuda_general.js';
import { GENERAL_KERNELS, type GeneralOp } from '../generator/families/general_name.js';
import { LibraryError } from '../generator/library/errors.js';
import { kernelKey, type PublishedKernel } from '../generator/library/kernel_file.js';
import { MANIFEST, type Manifest, readManifest, servedBy } from '../generator/library/manifest.js';
import { assertPublishable, publish } from '../generator/library/publish.js';
import { isInside, leftBehind, realFolder } from '../generator/library/replace.js';
import { publishedAgain, republish, standingImage } from '../generator/library/republish.js';
import { memoize } from '../generator/memo.js';
import { machine } from '../runtime/machine.js';
import { TunerError } from '../tuner/errors.js';
import { harvest, type MachineTarget, renderKernel } from '../tuner/harvest.js';
import { assessedWinners } from './assessed_winners.js';
import { CliError } from './errors.js';
import { withImages } from './kernel_images.js';
import { PUBLISHED } from './published.js';
import { rewordedImages } from './reworded_images.js';
import { staleNotes } from './stale_notes.js';
import { openExisting } from './store_option.js';
import { counted } from './words.js';

export interface Publishing {
  readonly folder: string;
  readonly kernels: number;
  /** What whoever publishes should know of it, a line each. */
  readonly notes: readonly string[];
}

/**
 * Publishes the winners of a database as a library: this machine's, and those of a GPU, whose database may come from
 * another machine. Kernels of layers that the database has no finals for, on a target, stay in the library as they are. The package's
 * own folder also holds the general kernels.
 * @throws CliError, StoreError, LibraryError, DeviceError, TunerError if there is no winner yet
 */
export async function publishWinners(db: string, folder: string): Promise<Publishing> {
  const store = openExisting(db);
  try {
    assertPublishing(db, folder);
    const { kernels, passedOver } = harvest(store, { machine: machine().name });
    if (kernels.length === 0) throw noWinner(db);
    const stale = staleNotes(await assessedWinners(store), kernels);
    const layers = new Set(kernels.map(({ entry }) => servedBy(entry)));
    const known = libraryIn(folder);
    const made = await withImages(
      kernels,
      (kernel, compiler) => known && standingImage(known.folder, known.manifest.kernels, kernel, compiler),
    );
    const kept = await inTurn(() => {
      const standing = libraryIn(folder);
      const kept = standing ? keptKernels(standing, layers) : [];
      const madeFrom = standing?.manifest ?? null;
      const extras = generalKernelsOf(folder);
      publish({ folder, madeFrom, kernels: [...made, ...kept], command: COMMAND, extras });
      return kept;
    });
    const notes = [...stale, ...keptNote(kept), ...imageNote(made), ...passedOver.map(passedOverNote)];
    return { folder, kernels: made.length + kept.length, notes };
  } finally {
    store.close();
  }
}

/**
 * Says before any work is done that {@link publishWinners} could not write there. Changes nothing.
 * @throws CliError if the database lies in the folder, LibraryError
 */
export function assertPublishing(db: string, folder: string): void {
  if (isInside(folder, db))
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
 * @throws LibraryError if the folder is no library, or if a kernel's text has changed and that its machine code has not cannot be shown: it
 * has, or there is no image, or another compiler here than made it; DeviceError if one does not compile
 */
export async function refreshLibrary(folder: string): Promise<Publishing> {
  const render = memoize(kernelKey, renderKernel);
  const standing = libraryIn(folder);
  const changed = standing
    ? await rewordedImages(standing.folder, standing.manifest, render)
    : new Map<string, never>();
  const { kernels } = await inTurn(() =>
    republish({ folder, render, extras: generalKernelsOf(folder), reworded: changed }),
  );
  return { folder, kernels: kernels.length, notes: rewordedNote(changed.size) };
}

/** Milliseconds: longer than others take to publish, and between two tries. */
const [PATIENCE, PAUSE] = [20_000, 200];
/** Of a library that another process is publishing into, or has published into since it was looked at. */
const OTHERS = ['folder-locked', 'folder-changed'];

/** Publishes once no other process does: from what it has published. @throws LibraryError */
async function inTurn<T>(action: () => T): Promise<T> {
  const until = performance.now() + PATIENCE;
  for (;;)
    try {
      return action();
    } catch (error) {
      const isOthers = error instanceof LibraryError && OTHERS.includes(error.code);
      if (!isOthers || performance.now() > until) throw error;
      await pause(PAUSE);
    }
}

/** What the files of a library say of how to write them again. */
const COMMAND = 'oriented1d library refresh DIR';

const GENERAL_OPS = Object.keys(GENERAL_KERNELS) as readonly GeneralOp[];

const GENERAL_TEXTS: ReadonlyMap<string, () => string> = new Map(
  GENERAL_OPS.flatMap((op) => [
    [generalFile(op), () => generalKernel(op)] as const,
    [cudaGeneralFile(op), () => cudaGeneralKernel(op)] as const,
  ]),
);

/** The general kernels that belong into a library: all into this package's own, into another those that it has. */
function generalKernelsOf(folder: string): Readonly<Record<string, string>> {
  const own = realFolder(resolve(folder)) === realFolder(PUBLISHED);
  const listed = libraryIn(folder)?.manifest.files ?? {};
  const belonging = [...GENERAL_TEXTS].filter(([path]) => own || path in listed);
  return Object.fromEntries(belonging.map(([path, text]) => [path, text()]));
}

/** The kernels that stay in a library into which winners of these layers ({@link servedBy}) are published. */
function keptKernels(
  { folder, manifest }: StandingLibrary,
  layers: ReadonlySet<string>,
): readonly PublishedKernel[] {
  const staying = manifest.kernels.filter((entry) => !layers.has(servedBy(entry)));
  return publishedAgain(folder, staying, renderKernel);
}

interface StandingLibrary {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The library that publishing into a folder replaces, wherever a publication that was cut short has left it. */
function libraryIn(folder: string): StandingLibrary | undefined {
  const place = realFolder(resolve(folder));
  const standing = leftBehind(place) ?? place;
  return existsSync(join(standing, MANIFEST))
    ? { folder: standing, manifest: readManifest(standing) }
    : undefined;
}

function keptNote(kept: readonly PublishedKernel[]): readonly string[] {
  const targets = [...new Set(kept.map(({ entry }) => entry.target))].join(', ');
  return kept.length > 0
    ? [`${counted(kept.length, 'kernel')} for ${targets} as before: the database has no finals for them`]
    : [];
}

function rewordedNote(count: number): readonly string[] {
  return count > 0
    ? [
        `${counted(count, 'kernel')} in other words than when measured: the machine code is the same, byte for byte`,
      ]
    : [];
}

function imageNote(kernels: readonly PublishedKernel[]): readonly string[] {
  const without = kernels.filter(({ launch, image }) => launch && !image);
  return without.length > 0
    ? [
        `${counted(without.length, 'CUDA kernel')} without an image, since no CUDA compiler is here: a GPU's machine needs one`,
      ]
    : [];
}

function passedOverNote({ machine, target }: MachineTarget): string {
  return `finals of ${machine} for ${target} were left out: a target's kernels come from one machine`;
}

function noWinner(db: string): TunerError {
  return new TunerError({
    code: 'no-winner',
    value: db,
    rule: 'the database holds no winner of this machine or of a GPU',
    remedy: 'tune first, for example `oriented1d tune table5 --budget 60s`',
  });
}
