import { crc32 } from '../../runtime/weights/crc32.js';

/** What a part of a zip file is, and what is wrong with it. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  /** 0, stored, unless given; the data is written as it is. */
  readonly method?: number;
  /** The checksum, unless a wrong one is wanted, or 0 for none. */
  readonly crc?: number;
}

/** A zip file of stored parts; with ZIP64 records if asked for. */
export function zipFile(entries: readonly ZipEntry[], { zip64 = false } = {}): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const local = localPart(entry);
    directory.push(directoryPart(entry, at, zip64));
    locals.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([
    ...locals,
    central,
    ...(zip64 ? [end64(entries.length, central.length, at)] : []),
    end(entries.length, central.length, zip64 ? 0xffffffff : at),
  ]);
}

function localPart({ name, data, method = 0 }: ZipEntry): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt32LE(data.length, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name), data]);
}

function directoryPart(
  { name, data, method = 0, crc = crc32(data) }: ZipEntry,
  start: number,
  zip64: boolean,
): Buffer {
  const extra = Buffer.alloc(zip64 ? 28 : 0);
  if (zip64) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    extra.writeBigUInt64LE(BigInt(data.length), 4);
    extra.writeBigUInt64LE(BigInt(data.length), 12);
    extra.writeBigUInt64LE(BigInt(start), 20);
  }
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(zip64 ? 0xffffffff : data.length, 20);
  header.writeUInt32LE(zip64 ? 0xffffffff : data.length, 24);
  header.writeUInt16LE(Buffer.byteLength(name), 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(zip64 ? 0xffffffff : start, 42);
  return Buffer.concat([header, Buffer.from(name), extra]);
}

function end(count: number, length: number, start: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(length, 12);
  record.writeUInt32LE(start, 16);
  return record;
}

function end64(count: number, length: number, start: number): Buffer {
  const record = Buffer.alloc(76);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(length), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(start + length), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
