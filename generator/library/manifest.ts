import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { issueWords } from '../issue_words.js';
import type { KernelEntry } from './entry.js';
import { entry, hash } from './entry_schema.js';
import { folderError, LibraryError } from './errors.js';
import { isInside } from './path.js';
import { leftBehind, realFolder } from './replace.js';

/** The manifest's own name; a folder that holds one is a library. */
export const MANIFEST = 'library.json';

/**
 * library.json: what a library holds, and which files are the library's own. With what the generator renders from the
 * kernels' names, it determines every byte of the folder but the images'; nothing is measured again.
 */
export interface Manifest {
  readonly kind: 'manifest';
  readonly format: 1;
  /** The command that writes the library again. */
  readonly command: string;
  /** By target, then name. */
  readonly kernels: readonly KernelEntry[];
  /** SHA-256 of every other file of the library that is not a kernel's, by path. */
  readonly files: Readonly<Record<string, string>>;
}

const manifest = z.strictObject({
  kind: z.literal('manifest'),
  format: z.literal(1),
  command: z.string().regex(/^\S[^\r\n]*$/, 'must be one line'),
  kernels: z
    .array(entry.readonly())
    .refine((entries) => new Set(entries.map(servedBy)).size === entries.length, 'serve one layer twice')
    .readonly(),
  files: z.record(z.string().refine(isInside, 'must lie inside the library'), hash).readonly(),
}) satisfies z.ZodType<Manifest>;

/**
 * Checks a manifest that comes from a file or a caller, and freezes it.
 * @param where what to call it in an error
 * @throws LibraryError
 */
export function checkedManifest(value: unknown, where: string, remedy: string): Manifest {
  const { success, data, error: cause } = manifest.readonly().safeParse(value);
  if (success) return data;
  const issue = cause.issues[0]!;
  throw new LibraryError({
    code: 'manifest-damaged',
    value: where,
    rule: `the manifest does not hold together: ${issue.path.join('.') || 'it'} ${issueWords(issue)}`,
    remedy,
    cause,
  });
}

/**
 * Reads a library's manifest.
 * @param folder the library's folder
 * @throws LibraryError if there is none, or if it is damaged
 */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  const remedy = `restore ${MANIFEST} from a copy, or publish into an empty folder`;
  return checkedManifest(parsed(file, folder, remedy), file, remedy);
}

/** Paths of all files that belong to a library, its manifest included. */
export function ownFiles(manifest: Manifest): readonly string[] {
  return [MANIFEST, ...fileHashes(manifest).keys()];
}

/** SHA-256 of all files that belong to a library but its manifest, by path. */
export function fileHashes({ kernels, files }: Manifest): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(files),
    ...kernels.map(({ file, fileHash }) => [file, fileHash] as const),
    ...kernels.flatMap(({ image }) => (image ? [[image.file, image.hash] as const] : [])),
  ]);
}

function parsed(file: string, folder: string, remedy: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const rule = 'the manifest is not JSON';
    if (cause instanceof SyntaxError)
      throw new LibraryError({ code: 'manifest-damaged', value: file, rule, remedy, cause });
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw folderError(folder, cause);
    const old = leftBehind(realFolder(resolve(folder)));
    throw new LibraryError({
      code: 'library-missing',
      value: folder,
      rule: `a kernel library is a folder with a ${MANIFEST}`,
      remedy: old
        ? `publish again, or rename ${old} back: a publication was cut short`
        : 'name a folder that `tune --out` or `library publish --out` wrote',
      cause,
    });
  }
}

/** What an entry serves: a library has one kernel for each layer and target. */
export function servedBy({ layer, target }: Readonly<Record<'layer' | 'target', string>>): string {
  return `${target} ${layer}`;
}
