import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { KernelEntry } from '../../runtime/library.js';
import { layerName, parseProblemName } from '../name.js';
import { readTarget, targetName } from '../target.js';
import { folderError, LibraryError } from './errors.js';
import { kernelPath } from './kernel_file.js';
import { isInside } from './path.js';
import { leftBehind, realFolder } from './replace.js';

/** The manifest's own name; a folder that holds one is a library. */
export const MANIFEST = 'library.json';

/**
 * library.json: what a library holds, and which files are the library's own. With what the
 * generator renders from the kernels' names, it determines every byte of the folder; nothing is measured again.
 */
export interface Manifest {
  readonly kind: 'manifest';
  readonly format: 1;
  /** The command that writes the library again. */
  readonly command: string;
  /** By target, then name. */
  readonly kernels: readonly KernelEntry[];
  /** SHA-256 of every other file of the library, by path. */
  readonly files: Readonly<Record<string, string>>;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');
const count = z.int().positive();
const microseconds = z.number().positive();

const provenance = z.strictObject({
  batch: count,
  threads: count,
  median: microseconds,
  default: microseconds.exactOptional(),
  copy: microseconds,
  trials: count,
  machine: z.string().min(1),
  compiler: z.string().min(1),
  measured: z.iso.datetime(),
});

const entry = z
  .strictObject({
    name: z.string().regex(/^\w+__\w+$/, 'must read <layer>__<schedule>'),
    layer: z.string().refine(isLayer, 'must be the name of a layer'),
    target: z.string().refine(isTarget, 'must be a target such as cpu:avx512'),
    file: z.string(),
    fileHash: hash,
    sourceHash: hash,
    provenance: provenance.readonly(),
  })
  .refine(({ name, layer }) => name.startsWith(`${layer}__`), {
    error: 'must begin with the layer',
    path: ['name'],
  })
  .refine((one) => !isTarget(one.target) || one.file === kernelPath(one), {
    error: 'must be where the name puts it',
    path: ['file'],
  });

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
    rule: `the manifest does not hold together: ${issue.path.join('.') || 'it'} ${issue.message}`,
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
export function ownFiles({ kernels, files }: Manifest): readonly string[] {
  return [MANIFEST, ...Object.keys(files), ...kernels.map(({ file }) => file)];
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

function servedBy({ layer, target }: Pick<KernelEntry, 'layer' | 'target'>): string {
  return `${target} ${layer}`;
}

function isLayer(name: string): boolean {
  try {
    return layerName(parseProblemName(name)) === name;
  } catch {
    return false;
  }
}

function isTarget(name: string): boolean {
  try {
    return targetName(readTarget(name)) === name;
  } catch {
    return false;
  }
}
