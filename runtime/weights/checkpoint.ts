import { isMade } from '../../generator/made.js';
import { crc32 } from './crc32.js';
import { ELEMENT_BYTES, type ElementType, toFloats } from './elements.js';
import { refuse, shown } from './errors.js';
import type { WeightsFile } from './file.js';

/** A named array of a checkpoint. Its numbers are read when they are asked for, each time anew. */
export interface NamedTensor {
  readonly kind: 'named-tensor';
  readonly name: string;
  /** Row-major; a scalar has none. */
  readonly shape: readonly number[];
  /** Element type in the file. */
  readonly stored: ElementType;
  /** The numbers, row-major, in float32: an array of the caller's own. @throws WeightsError if the file has changed */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** The weights of a network as a file holds them, or as a seed makes them. */
export interface Checkpoint {
  readonly kind: 'checkpoint';
  /** What messages call it: its path, or the seed that it was made from. */
  readonly source: string;
  readonly format: 'pth' | 'safetensors' | 'initial';
  /** In the order in which the file names them; no two have one name. */
  readonly tensors: readonly NamedTensor[];
  find(name: string): NamedTensor | undefined;
}

export function isCheckpoint(value: unknown): value is Checkpoint {
  return isMade<Checkpoint>(value, 'checkpoint', { source: 'string', tensors: 'array', find: 'function' });
}

/** @param source what a message calls them @throws WeightsError unless they are a list of {@link NamedTensor} */
export function requireTensors(source: string, tensors: unknown): asserts tensors is readonly NamedTensor[] {
  if (Array.isArray(tensors) && tensors.every(isNamedTensor)) return;
  refuse(
    source,
    'weights-tensors',
    'holds a list of named tensors: { kind, name, shape, stored, read }',
    'give for example the tensors of what loadWeights gave',
  );
}

function isNamedTensor(value: unknown): value is NamedTensor {
  const members = { name: 'string', shape: 'array', stored: 'string', read: 'function' } as const;
  return isMade<NamedTensor>(value, 'named-tensor', members);
}

/** @throws WeightsError if they are no tensors, or two of them have one name */
export function checkpoint(
  source: string,
  format: Checkpoint['format'],
  tensors: readonly NamedTensor[],
): Checkpoint {
  requireTensors(source, tensors);
  const byName = new Map<string, NamedTensor>();
  for (const tensor of tensors) {
    if (byName.has(tensor.name))
      refuse(source, 'weights-name-twice', `holds two tensors ${shown(tensor.name)}`, 'save it again');
    byName.set(tensor.name, tensor);
  }
  return Object.freeze<Checkpoint>({
    kind: 'checkpoint',
    source,
    format,
    tensors: Object.freeze([...tensors]),
    find: (name) => byName.get(name),
  });
}

/** Row-major elements, one after the other, somewhere in a file. */
export interface Extent {
  readonly file: WeightsFile;
  /** In bytes. */
  readonly start: number;
  /** In elements. */
  readonly length: number;
  readonly type: ElementType;
  /** Of its bytes, where the file says so. */
  readonly crc?: number | undefined;
}

/** @throws WeightsError if bytes of a file are not those that it was written with */
export function requireChecksum(file: WeightsFile, bytes: Uint8Array, crc: number | undefined): void {
  if (crc === undefined || crc32(bytes) === crc) return;
  refuse(
    file.path,
    'weights-checksum',
    'is damaged: the checksum of a part differs from what the file says',
    'fetch it again, or, if torch.serialization.set_crc32_options(False) was on, save it again without',
  );
}

/** The numbers of a part of a file. @throws WeightsError if the file has changed or is damaged */
export async function readExtent({
  file,
  start,
  length,
  type,
  crc,
}: Extent): Promise<Float32Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length * ELEMENT_BYTES[type]);
  await file.read(start, bytes);
  requireChecksum(file, bytes, crc);
  return toFloats(type, bytes);
}

/** Distributed training puts this before every name; it is no part of the network. */
const WRAPPED = 'module.';

/** Names without the `module.` that every one of them begins with, if so. */
export function unwrapped(names: readonly string[]): readonly string[] {
  return names.length > 0 && names.every((name) => name.startsWith(WRAPPED))
    ? names.map((name) => name.slice(WRAPPED.length))
    : names;
}

/** `[12,1,1,31]` */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}
