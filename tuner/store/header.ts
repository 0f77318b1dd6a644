import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { StoreError } from '../errors.js';

/** `O1DT`: marks a SQLite file as a store of trials. */
export const APPLICATION_ID = 0x4f314454;

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const APPLICATION_ID_OFFSET = 68;

/**
 * Looks at a file's first bytes (https://www.sqlite.org/fileformat.html, section 1.3) without opening it as a
 * database: SQLite would roll back journals and leave files beside something that is not ours.
 * @throws StoreError if it is anything but a store or an empty file
 */
export function inspect(path: string): 'absent' | 'empty' | 'store' {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 'absent';
  if (!stat.isFile())
    throw new StoreError({
      code: 'store-not-a-file',
      value: path,
      rule: 'a database is a file, and this is a folder or a device',
      remedy: 'give a file with --db',
    });
  const header = readHeader(path);
  if (header.length === 0) return 'empty';
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new StoreError({
      code: 'store-not-a-database',
      value: path,
      rule: 'this file is not a database, and it was left as it is',
      remedy: 'give another file with --db',
    });
  if (header.readUInt32BE(APPLICATION_ID_OFFSET) !== APPLICATION_ID)
    throw new StoreError({
      code: 'store-foreign',
      value: path,
      rule: "this is another program's database, and it was left as it is",
      remedy: 'give another file with --db',
    });
  return 'store';
}

function readHeader(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
