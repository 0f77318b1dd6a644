import { posix } from 'node:path';

/** Whether a path, written with slashes, is in its plainest form and stays inside the folder that it is relative to. */
export function isInside(path: string): boolean {
  return (
    path === posix.normalize(path) &&
    path !== '.' &&
    !path.startsWith('../') &&
    path !== '..' &&
    !path.endsWith('/') &&
    !posix.isAbsolute(path) &&
    !path.includes('\\')
  );
}
