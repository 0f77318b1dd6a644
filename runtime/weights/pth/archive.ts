import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { systemReason } from '../../system_reason.js';
import { refuse, shown, WeightsError } from '../errors.js';
import type { WeightsFile } from '../file.js';

/** A zip file whose entries are stored as they are, so that each is a run of bytes of the file. */
export interface Archive {
  readonly kind: 'archive';
  readonly names: readonly string[];
  /** Length in bytes of an entry; undefined if there is none of that name. */
  size(name: string): number | undefined;
  /** Checksum of an entry; undefined if there is no entry, or if it has none. */
  crc(name: string): number | undefined;
  /** First byte of an entry in the file. @throws WeightsError if it is compressed, encrypted or beyond the file */
  start(name: string): Promise<number>;
}

/** More than any checkpoint has: each takes two reads of the directory. */
const ENTRIES = 100_000;

/**
 * Opens the directory of a zip file while `work` is done; ZIP64 too.
 * @throws WeightsError if it is no sound zip file
 */
export async function withArchive<T>(file: WeightsFile, work: (archive: Archive) => Promise<T>): Promise<T> {
  return file.session(async (read) => {
    const reader = new BoundedReader(file, read);
    const zip = await sound(file, fromRandomAccessReaderPromise(reader, file.bytes, { autoClose: false }));
    return work(archiveOf(file, zip, await entriesOf(file, zip)));
  });
}

function archiveOf(file: WeightsFile, zip: ZipFile, entries: ReadonlyMap<string, Entry>): Archive {
  return Object.freeze<Archive>({
    kind: 'archive',
    names: [...entries.keys()],
    size: (name) => entries.get(name)?.uncompressedSize,
    // PyTorch writes none, 0, if told to be quick.
    crc: (name) => entries.get(name)?.crc32 || undefined,
    start: async (name) => {
      const entry = entries.get(name);
      if (entry === undefined)
        return refuse(
          file.path,
          'pth-entry',
          `lacks its part ${shown(name)}`,
          'fetch it again, or save it again',
        );
      if (entry.compressionMethod !== 0 || entry.isEncrypted())
        refuse(
          file.path,
          'pth-compressed',
          `is a zip file whose part ${shown(name)} is compressed or encrypted, which torch.save never does`,
          'load it with torch.load and save it again with torch.save',
        );
      const header = await sound(file, zip.readLocalFileHeaderPromise(entry, { minimal: true }));
      return header.fileDataStart;
    },
  });
}

async function entriesOf(file: WeightsFile, zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  if (zip.entryCount > ENTRIES)
    refuse(
      file.path,
      'pth-entries',
      `is a zip file of ${zip.entryCount} parts`,
      'name a checkpoint by torch.save',
    );
  const all = zip.eachEntry();
  for (let next = await sound(file, all.next()); !next.done; next = await sound(file, all.next())) {
    const { value } = next;
    if (entries.has(value.fileName))
      refuse(file.path, 'pth-entry-twice', `holds two parts ${shown(value.fileName)}`, 'save it again');
    entries.set(value.fileName, value);
  }
  return entries;
}

/** Offsets in a damaged zip file lead anywhere; beyond the file is an error like any other. */
class BoundedReader extends RandomAccessReader {
  readonly #file: WeightsFile;
  readonly #read: WeightsFile['read'];

  constructor(file: WeightsFile, read: WeightsFile['read']) {
    super();
    this.#file = file;
    this.#read = read;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    if (position + length > this.#file.bytes) {
      callback(new Error('it points beyond its end'));
      return;
    }
    this.#read(position, buffer.subarray(offset, offset + length)).then(
      () => callback(null, length),
      (error) => callback(error),
    );
  }
}

/** yauzl's errors as ours. */
async function sound<T>(file: WeightsFile, step: Promise<T>): Promise<T> {
  return step.catch((cause) => {
    if (cause instanceof WeightsError) throw cause;
    return refuse(
      file.path,
      'pth-zip',
      `is a damaged zip file: ${systemReason(cause)}`,
      'it was cut short or changed on the way: fetch it again',
      cause,
    );
  });
}
