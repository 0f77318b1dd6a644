type Files = typeof import('node:fs/promises');

/** Folders that may not be read: to root, whom tests may run as, no mode of a file forbids anything. */
export const lockedFolders = new Set<string>();

/** `node:fs/promises` that refuses to read them, for vi.mock. */
export function withLocks(files: Files): Files {
  const opendir: Files['opendir'] = async (path, options) => {
    if (!lockedFolders.has(String(path))) return files.opendir(path, options);
    throw Object.assign(new Error(`EACCES: permission denied, opendir '${path}'`), { code: 'EACCES' });
  };
  return { ...files, opendir };
}
