import { sha256 } from '../hash.js';
import { LibraryError } from './errors.js';
import { indexFiles } from './index_file.js';
import { kernelPath, kernelText, type PublishedKernel } from './kernel_file.js';
import { checkedManifest, MANIFEST, type Manifest } from './manifest.js';
import { readmeText } from './readme.js';
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
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Writes a library's files, in memory.
 * @throws LibraryError if the kernels do not make a library
 */
export function contents({ command, kernels, extras = {} }: Publication): Contents {
  const texts = kernels.map((kernel) => {
    const text = kernelText(kernel, command);
    const hashes = { fileHash: sha256(text), sourceHash: sha256(kernel.source) };
    return { text, entry: { ...kernel.entry, file: kernelPath(kernel.entry), ...hashes } };
  });
  const draft = checkedManifest(
    {
      kind: 'manifest',
      format: 1,
      command,
      kernels: texts.map(({ entry }) => entry).sort((a, b) => (a.file < b.file ? -1 : 1)),
      files: hashes(Object.entries(extras)),
    },
    'library',
    'publish kernels as the tuner keeps them',
  );
  const rest = [
    ...Object.entries(extras),
    ...indexFiles(draft.kernels, command),
    ['README.md', readmeText(draft)] as const,
  ];
  const manifest = Object.freeze({ ...draft, files: Object.freeze(hashes(rest)) });
  return {
    manifest,
    files: distinct([
      ...texts.map(({ entry, text }) => [entry.file, text] as const),
      ...rest,
      [MANIFEST, sortedJson(manifest)],
    ]),
  };
}

function hashes(files: readonly (readonly [path: string, text: string])[]): Record<string, string> {
  return Object.fromEntries(files.map(([path, text]) => [path, sha256(text)]));
}

function distinct(files: readonly (readonly [path: string, text: string])[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [path, text] of files) {
    if (map.has(path))
      throw new LibraryError({
        code: 'file-twice',
        value: path,
        rule: 'two files of the library have this path',
        remedy: 'name the extra file differently',
      });
    map.set(path, text);
  }
  return map;
}
