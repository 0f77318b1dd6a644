import { type Complaint, OrientedError } from '../errors.js';

interface LibraryComplaint extends Complaint {
  readonly fault?: 'user' | 'system';
}

/** A kernel library that cannot be written, read or trusted. */
export class LibraryError extends OrientedError {
  readonly fault: 'user' | 'system';

  constructor(complaint: LibraryComplaint) {
    super(complaint);
    this.fault = complaint.fault ?? 'user';
  }
}

/** What a file system's refusal means for whoever chose the folder. */
const REFUSALS: Readonly<Record<string, Pick<LibraryComplaint, 'rule' | 'remedy' | 'fault'>>> = {
  EACCES: { rule: 'this user may not read or write the folder', remedy: 'choose one of yours' },
  EPERM: { rule: 'this user may not read or write the folder', remedy: 'choose one of yours' },
  EROFS: { rule: 'the folder is on a read-only disk', remedy: 'choose one on another' },
  ENOENT: { rule: 'there is no such folder and none can be made', remedy: 'choose one on a disk' },
  ENOTDIR: { rule: 'a library is a folder, not a file', remedy: 'choose another name' },
  EEXIST: { rule: 'a library is a folder, not a file', remedy: 'choose another name' },
  EBUSY: { rule: 'a mount point cannot be replaced in one step', remedy: 'choose a folder inside it' },
  EXDEV: { rule: 'a mount point cannot be replaced in one step', remedy: 'choose a folder inside it' },
  ENAMETOOLONG: { rule: 'a path is too long for this disk', remedy: 'choose a folder with a shorter path' },
  ENOTEMPTY: { rule: 'another process wrote the folder meanwhile', remedy: 'publish again', fault: 'system' },
  ENOSPC: { rule: 'the disk is full', remedy: 'free some space and publish again', fault: 'system' },
};

/** Puts a file system's error in the words of whoever chose `folder`; other errors pass through. */
export function folderError(folder: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const refusal = code === undefined ? undefined : REFUSALS[code];
  return refusal
    ? new LibraryError({ code: `folder-${code!.toLowerCase()}`, value: folder, cause, ...refusal })
    : cause;
}
