import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ImageError } from '../image/errors.js';
import { systemReason } from '../system_reason.js';

/** An image and what it shows. */
export interface LabelledImage {
  readonly path: string;
  /** Number of its class. */
  readonly label: number;
}

/** Images in a folder for each class, as torchvision's ImageFolder has them. */
export interface ImageFolder {
  readonly path: string;
  /** Names in the order of their labels. */
  readonly classes: readonly string[];
  /** Names of the folders that are there, in the order in which they are read. */
  readonly folders: readonly string[];
  /**
   * Every image, class by class, in the order in which the system lists them; those of folders below a class's too. For a folder
   * that cannot be read there is an error instead, and the others follow. Names are read as they are taken: no list of them is
   * made.
   * @param onClass told of each class that is through
   */
  images(onClass?: (name: string) => void): AsyncGenerator<LabelledImage | ImageError>;
}

/** Files of other endings are no images to it. */
const ENDINGS: ReadonlySet<string> = new Set('.jpg .jpeg .png .ppm .bmp .pgm .tif .tiff .webp'.split(' '));

/**
 * @param names of the classes, in the order of their labels; those of the folders, sorted, unless given
 * @throws ImageError if it is no folder, has no folder in it, or one of no class
 */
export async function openImageFolder(path: string, names?: readonly string[]): Promise<ImageFolder> {
  const folders: string[] = [];
  for await (const entry of entries(path)) if (await isFolder(path, entry)) folders.push(entry.name);
  folders.sort(inBytes);
  if (folders.length === 0)
    throw new ImageError({
      code: 'folder-classes-none',
      value: path,
      rule: 'holds no folders, and images are in one for each class',
      remedy: 'name the folder above those of the classes',
    });
  const classes = names ?? folders;
  const labels = new Map(classes.map((name, label) => [name, label]));
  const stranger = folders.find((name) => !labels.has(name));
  if (stranger !== undefined)
    throw new ImageError({
      code: 'folder-class-unknown',
      value: join(path, stranger),
      rule: `is a folder of no class: none of the ${classes.length} names is '${stranger}'`,
      remedy: 'name folders as the classes are named, one a line in their order',
    });
  return Object.freeze<ImageFolder>({
    path,
    classes,
    folders,
    async *images(onClass) {
      const root = await identity(path);
      for (const name of folders) {
        for await (const file of files(join(path, name), [root]))
          yield file instanceof ImageError ? file : Object.freeze({ path: file, label: labels.get(name)! });
        onClass?.(name);
      }
    },
  });
}

/** As Python sorts names: by their characters' numbers, which is by their bytes in UTF-8. */
function inBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A folder's device and number, by whatever path. */
async function identity(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder).catch((cause) => unreadable(folder, cause));
  return `${dev}:${ino}`;
}

/** @param above {@link identity} of the folders that this one is in: a link back to one of them would have no end */
async function* files(folder: string, above: readonly string[]): AsyncGenerator<string | ImageError> {
  try {
    const own = await identity(folder);
    if (above.includes(own)) return;
    for await (const entry of entries(folder)) {
      const path = join(folder, entry.name);
      if (await isFolder(folder, entry)) yield* files(path, [...above, own]);
      else if (ENDINGS.has(extname(entry.name).toLowerCase())) yield path;
    }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    yield error;
  }
}

async function* entries(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder);
  } catch (cause) {
    unreadable(folder, cause);
  }
}

/** Or a link to one. What a link leads to may be gone; then it is a file that cannot be read. */
async function isFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const there = await stat(join(folder, entry.name)).catch(() => undefined);
  return there?.isDirectory() ?? false;
}

function unreadable(folder: string, cause: unknown): never {
  if (cause instanceof ImageError) throw cause;
  throw new ImageError({
    code: 'folder-unreadable',
    value: folder,
    rule: `cannot be read as a folder: ${systemReason(cause)}`,
    remedy: 'name a folder that holds one folder of images for each class',
    cause,
  });
}
