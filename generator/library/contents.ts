import { sha256 } from '../hash.js';
import { LibraryError } from './errors.js';
import { indexFiles } from './index_file.js';
import { imagePath, kernelPath, kernelText, type PublishedKernel } from './kernel_file.js';
import { checkedManifest, MANIFEST, type Manifest } from './manifest.js';
import { readmeText } from './readme.js';
import type { Content } from './replace.js';
import { sortedJson } from './sorted_json.js';

/** What a library is made from. Equal publications give equal bytes. */
export interface Publication {
  /** The command that writes the library again, for whoever opens one of its files. One line. */
  readonly command: string;
  /** In any order; one for each layer and target. */
  readonly kernels: readonly PublishedKernel[];
  /** Further files of the library by path, such as general kernels. */
  readonly extras?: Readonly<Record<string, string>>;
}

export interface Contents {
  readonly manifest: Manifest;
  /** Every file of the library, its manifest included, by path. */
  readonly files: ReadonlyMap<string, Content>;
}

type File<C extends Content = Content> = readonly [path: string, content: C];

/**
 * Writes a library's files, in memory.
 * @throws LibraryError if the kernels do not make a library
 */
export function contents({ command, kernels, extras = {} }: Publication): Contents {
  const made = kernels.map((kernel) => kernelFiles(kernel, command));
  const draft = checkedManifest(
    {
      kind: 'manifest',
      format: 1,
      command,
      kernels: made.map(({ entry }) => entry).sort((a, b) => (a.file < b.file ? -1 : 1)),
      files: hashes(Object.entries(extras)),
    },
    'library',
    'publish kernels as the tuner keeps them',
  );
  const rest: readonly File<string>[] = [
    ...Object.entries(extras),
    ...indexFiles(draft.kernels, command),
    ['README.md', readmeText(draft)],
  ];
  const manifest = Object.freeze({ ...draft, files: Object.freeze(hashes(rest)) });
  return {
    manifest,
    files: distinct([...made.flatMap(({ files }) => files), ...rest, [MANIFEST, sortedJson(manifest)]]),
  };
}

/** A kernel's entry, still to be checked, and the files that it names. */
function kernelFiles(kernel: PublishedKernel, command: string) {
  const { source, launch, image } = kernel;
  const { name, layer, target, provenance } = kernel.entry;
  const text = kernelText(kernel, command);
  const file = kernelPath(kernel.entry);
  const sourceHash = sha256(source);
  const compiled = image && {
    file: imagePath(kernel.entry),
    hash: sha256(image.bytes),
    sourceHash,
    compiler: image.compiler,
  };
  const files: readonly File[] = [
    [file, text],
    ...(image ? [[imagePath(kernel.entry), image.bytes] as const] : []),
  ];
  return {
    entry: {
      ...{ name, layer, target, file, fileHash: sha256(text), sourceHash, provenance },
      ...(launch && { launch }),
      ...(compiled && { image: compiled }),
    },
    files,
  };
}

function hashes(files: readonly File<string>[]): Record<string, string> {
  return Object.fromEntries(files.map(([path, text]) => [path, sha256(text)]));
}

function distinct(files: readonly File[]): ReadonlyMap<string, Content> {
  const map = new Map<string, Content>();
  for (const [path, content] of files) {
    if (map.has(path))
      throw new LibraryError({
        code: 'file-twice',
        value: path,
        rule: 'two files of the library have this path',
        remedy: 'name the extra file differently',
      });
    map.set(path, content);
  }
  return map;
}
