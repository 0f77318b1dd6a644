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
  EACCES: { rule: 'the folder is not writable', remedy: 'choose one that you may write to, with --out DIR' },
  EPERM: { rule: 'the folder is not writable', remedy: 'choose one that you may write to, with --out DIR' },
  EROFS: {
    rule: 'the folder is on a read-only disk',
    remedy: 'choose one that you may write to, with --out DIR',
  },
  ENOTDIR: { rule: 'a library is a folder, not a file', remedy: 'choose a folder, with --out DIR' },
  EEXIST: { rule: 'a library is a folder, not a file', remedy: 'choose a folder, with --out DIR' },
  ENOTEMPTY: { rule: 'another process wrote the folder meanwhile', remedy: 'publish again', fault: 'system' },
  EBUSY: {
    rule: 'the folder is a mount point, which cannot be replaced in one step',
    remedy: 'choose a folder inside it, with --out DIR',
  },
  EXDEV: {
    rule: 'the folder is a mount point, which cannot be replaced in one step',
    remedy: 'choose a folder inside it, with --out DIR',
  },
  ENAMETOOLONG: {
    rule: 'a file name is too long for this disk',
    remedy: 'choose another disk, with --out DIR',
  },
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
