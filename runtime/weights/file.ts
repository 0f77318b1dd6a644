import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemReason } from '../system_reason.js';
import { refuse } from './errors.js';

/**
 * A file whose parts are read when they are needed. It is opened for each of them, so that a checkpoint holds no
 * descriptor that somebody would have to close, and it must not change meanwhile.
 */
export interface WeightsFile {
  readonly kind: 'weights-file';
  readonly path: string;
  /** Length in bytes. */
  readonly bytes: number;
  /** Fills `into` from the byte at `start` on. @throws WeightsError if the file has changed or ends before */
  read(start: number, into: Uint8Array): Promise<void>;
  /** Like `read`, for many parts: opened once, until `work` is done. */
  session<T>(work: (read: WeightsFile['read']) => Promise<T>): Promise<T>;
}

/** @throws WeightsError if there is no such file, or if it is a folder, a pipe or empty */
export async function openWeightsFile(path: string): Promise<WeightsFile> {
  const there = await stat(path).catch((cause) => unreadable(path, cause));
  if (!there.isFile()) {
    const what = there.isDirectory() ? 'is a folder' : 'is no regular file';
    refuse(path, 'weights-no-file', what, 'name a .pth or .safetensors file');
  }
  if (there.size === 0) refuse(path, 'weights-empty', 'is an empty file', 'fetch it again, or save it again');
  const session: WeightsFile['session'] = async (work) => {
    const handle = await open(path).catch((cause) => unreadable(path, cause));
    try {
      const now = await handle.stat();
      if (now.size !== there.size || now.mtimeMs !== there.mtimeMs || now.ino !== there.ino)
        refuse(path, 'weights-changed', 'has changed since it was opened', 'load it again');
      return await work((start, into) => fill(handle, path, start, into));
    } finally {
      await handle.close();
    }
  };
  return Object.freeze<WeightsFile>({
    kind: 'weights-file',
    path,
    bytes: there.size,
    session,
    read: (start, into) => session((read) => read(start, into)),
  });
}

/** The system reads no more than 2 GiB at a time. */
const CHUNK = 2 ** 30;

async function fill(handle: FileHandle, path: string, start: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const length = Math.min(CHUNK, into.length - done);
    const { bytesRead } = await handle
      .read(into, done, length, start + done)
      .catch((cause) => unreadable(path, cause));
    if (bytesRead === 0)
      refuse(path, 'weights-truncated', 'ends before the data that it names', 'fetch it again');
    done += bytesRead;
  }
}

function unreadable(path: string, cause: unknown): never {
  return refuse(
    path,
    'weights-unreadable',
    `cannot be read: ${systemReason(cause)}`,
    'name a .pth or .safetensors file that can be read',
    cause,
  );
}
