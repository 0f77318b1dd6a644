import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { atEnd } from '../../at_end.js';
import { systemReason } from '../../system_reason.js';
import { type NamedTensor, requireTensors } from '../checkpoint.js';
import { ELEMENT_BYTES } from '../elements.js';
import { refuse, shown, WeightsError } from '../errors.js';
import { encode, ordered, type Planned, type WrittenType } from './encode.js';
import { HEADER_BYTES, LENGTH_BYTES, METADATA } from './header.js';

export interface WriteOptions {
  /** The type that a tensor is written in; F32 unless given. */
  readonly type?: (tensor: NamedTensor) => WrittenType;
  /** What the file says about itself. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes tensors to a safetensors file, one after the other: no more than one is in memory. The file is written aside
 * and renamed, so that a file of that name is replaced whole or stays as it is.
 * @throws WeightsError if they are no tensors, if two have one name, if a type cannot hold a number, or if the file cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  { type = () => 'F32', metadata }: WriteOptions = {},
): Promise<void> {
  requireTensors(path, tensors);
  const plan = ordered(tensors.map((tensor) => planned(tensor, type(tensor))));
  const header = headerOf(path, plan, metadata);
  const aside = `${path}.${randomBytes(6).toString('hex')}.part`;
  const taken = atEnd(() => rmSync(aside, { force: true }));
  try {
    const file = await open(aside, 'wx');
    try {
      await put(file, header);
      for (const entry of plan) await put(file, await encoded(path, entry));
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (cause) {
    await rm(aside, { force: true });
    throw cause instanceof WeightsError ? cause : unwritable(path, cause);
  } finally {
    taken();
  }
}

function planned(tensor: NamedTensor, type: WrittenType): Planned {
  const bytes = tensor.shape.reduce((product, extent) => product * extent, ELEMENT_BYTES[type]);
  return { tensor, type, bytes };
}

function headerOf(path: string, plan: readonly Planned[], metadata: WriteOptions['metadata']): Uint8Array {
  const fields: string[] = metadata ? [field(METADATA, metadata)] : [];
  const names = new Set<string>([METADATA]);
  let end = 0;
  for (const { tensor, type, bytes } of plan) {
    const { name, shape } = tensor;
    if (names.has(name) || Buffer.from(name).toString() !== name)
      refuse(
        path,
        'safetensors-name',
        `cannot hold a tensor ${shown(name)} beside the others`,
        'name it otherwise',
      );
    names.add(name);
    fields.push(field(name, { dtype: type, shape, data_offsets: [end, end + bytes] }));
    end += bytes;
  }
  const json = Buffer.from(`{${fields.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > HEADER_BYTES)
    refuse(path, 'safetensors-header', `cannot hold so many names: ${length} bytes`, 'write several files');
  const header = Buffer.alloc(LENGTH_BYTES + length, ' ');
  header.writeBigUInt64LE(BigInt(length));
  json.copy(header, LENGTH_BYTES);
  return header;
}

/** Not through an object, where '__proto__' and '7' are special. */
function field(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

async function encoded(path: string, { tensor, type }: Planned): Promise<Uint8Array> {
  const bytes = encode(type, await tensor.read());
  if (bytes instanceof Uint8Array) return bytes;
  return refuse(
    path,
    'safetensors-unfit',
    `cannot hold ${bytes.unfit} of ${shown(tensor.name)} as ${type}`,
    'write it as F32',
  );
}

async function put(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
}

function unwritable(path: string, cause: unknown): WeightsError {
  return new WeightsError({
    code: 'safetensors-unwritable',
    value: path,
    rule: `cannot be written: ${systemReason(cause)}`,
    remedy: 'name a file in a folder that exists, has room and may be written to',
    cause,
  });
}
