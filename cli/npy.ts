import { type FileHandle, open } from 'node:fs/promises';
import { systemReason } from '../runtime/system_reason.js';
import { CliError } from './errors.js';

/**
 * Arrays as NumPy keeps them in `.npy` files (numpy.lib.format, versions 1.0 to 3.0): a magic word, the version, the
 * length of the header, the header (a Python dictionary of type, order and shape), then the elements.
 * Float32 and float64 are read, float32 is written; anything else is refused with the way to convert it.
 */
export interface NpyArray {
  readonly kind: 'npy';
  /** Row-major. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Element type in the file; float64 was rounded to float32 on the way. */
  readonly stored: 'float32' | 'float64';
}

const MAGIC = '\x93NUMPY';
/** Magic word, version, and the length of the header in two bytes (version 1) or four. */
const PREAMBLE = { v1: 10, v2: 12 } as const;

/** @throws CliError if the file cannot be read or holds no such array */
export async function readNpy(path: string): Promise<NpyArray> {
  const bytes = await bytesOf(path).catch((cause) => {
    if (cause instanceof CliError) throw cause;
    return refuse(
      path,
      'input-unreadable',
      `cannot be read: ${systemReason(cause)}`,
      'name a .npy file',
      cause,
    );
  });
  return decodeNpy(bytes, path);
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    return (await file.stat()).isFile() ? await file.readFile() : await streamed(file, path);
  } finally {
    await file.close();
  }
}

/** No header that NumPy writes is longer. */
const LONGEST_HEADER = 1 << 16;

/** Of what may never end, as a pipe or a device, no more than its header asks for, and a byte that would be too many. */
async function streamed(file: FileHandle, name: string): Promise<Uint8Array> {
  const start = await upTo(file, PREAMBLE.v2);
  if (!startsNpy(start) || start.length < PREAMBLE.v2) return start;
  const length = headerEnd(start) - start.length;
  if (length > LONGEST_HEADER)
    refuse(name, 'npy-header', `has a .npy header of ${length} bytes`, 'write it with numpy.save');
  const head = Buffer.concat([start, await upTo(file, length)]);
  const { text, end } = headerText(head, name);
  const { stored, shape } = parseHeader(text, name);
  const elements = elementBytes(stored, shape) - (head.length - end);
  return Buffer.concat([head, await upTo(file, elements + 1)]);
}

/** So many bytes, or fewer where it ends. In pieces: what a header promises may not fit into memory, and not be there. */
async function upTo(file: FileHandle, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let left = length; left > 0; ) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(left, 1 << 20)));
    if (bytesRead === 0) break;
    pieces.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(pieces);
}

/** @param name what messages call the file */
export function decodeNpy(bytes: Uint8Array, name: string): NpyArray {
  const { text, end } = headerText(bytes, name);
  const { stored, shape, fortran } = parseHeader(text, name);
  const wanted = elementBytes(stored, shape);
  const held = bytes.length - end;
  if (held !== wanted)
    refuse(
      name,
      held < wanted ? 'npy-truncated' : 'npy-excess',
      `holds ${held} bytes of elements where ${stored} ${shapeText(shape)} takes ${wanted}`,
      'write the file again with numpy.save, one array a file',
    );
  // A copy, since elements must start at a multiple of their size in memory.
  const elements = new Uint8Array(bytes.subarray(end)).buffer;
  const data =
    stored === 'float32' ? new Float32Array(elements) : Float32Array.from(new Float64Array(elements));
  return { kind: 'npy', shape, data: fortran ? rowMajor(data, shape) : data, stored };
}

/** A `.npy` file of version 1.0, float32, row-major; its elements start at a multiple of 64 bytes. */
export function encodeNpy(shape: readonly number[], data: Float32Array): Uint8Array {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shapeText(shape)}, }`;
  const start = Math.ceil((PREAMBLE.v1 + dictionary.length + 1) / 64) * 64;
  const file = Buffer.alloc(start + data.byteLength, ' ');
  file.write(MAGIC, 'latin1');
  file.writeUInt8(1, 6);
  file.writeUInt8(0, 7);
  file.writeUInt16LE(start - PREAMBLE.v1, 8);
  file.write(dictionary, PREAMBLE.v1, 'latin1');
  file.write('\n', start - 1);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return file;
}

/** `(2, 3)`, and `(2,)` for one dimension, as Python writes it. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

function elementBytes(stored: NpyArray['stored'], shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, stored === 'float32' ? 4 : 8);
}

function startsNpy(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString('latin1', 0, MAGIC.length) === MAGIC;
}

/** Where the elements begin, as the first bytes of a file say. */
function headerEnd(bytes: Uint8Array): number {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return file[6] === 1 ? PREAMBLE.v1 + file.readUInt16LE(8) : PREAMBLE.v2 + file.readUInt32LE(8);
}

function headerText(bytes: Uint8Array, name: string): { text: string; end: number } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!startsNpy(file.subarray(0, MAGIC.length)))
    refuse(name, 'npy-magic', 'is no .npy file', 'write it with numpy.save');
  const version = file[6];
  if (version !== undefined && (version < 1 || version > 3))
    refuse(
      name,
      'npy-version',
      `is of .npy version ${version}; 1 to 3 are known`,
      'write it with numpy.save',
    );
  const start = version === 1 ? PREAMBLE.v1 : PREAMBLE.v2;
  const end = file.length < start ? Infinity : headerEnd(file);
  if (file.length < end)
    refuse(name, 'npy-truncated', 'ends inside its .npy header', 'write it again with numpy.save');
  return { text: file.toString(version === 3 ? 'utf8' : 'latin1', start, end), end };
}

interface Header {
  readonly stored: NpyArray['stored'];
  readonly shape: readonly number[];
  readonly fortran: boolean;
}

function parseHeader(text: string, name: string): Header {
  const descr = /['"]descr['"]\s*:\s*(['"][^'"]*['"]|\[)/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = shapeOf(/['"]shape['"]\s*:\s*\(([^()]*)\)/.exec(text)?.[1]);
  if (descr === undefined || order === undefined || shape === undefined)
    return refuse(name, 'npy-header', 'has a .npy header that is none', 'write it with numpy.save');
  return { stored: storedType(descr, name), fortran: order === 'True', shape };
}

/** What is between the parentheses of `(2, 3)`, `(3,)` and `()`; undefined if that is no tuple of whole numbers. */
function shapeOf(tuple: string | undefined): readonly number[] | undefined {
  const items = tuple?.split(',').map((item) => item.trim());
  if (items?.at(-1) === '') items.pop();
  else if (items?.length === 1) return undefined; // (3) is a number
  // Python 2 wrote whole numbers with an L.
  return items?.every((item) => /^\d+L?$/.test(item))
    ? items.map((item) => Number.parseInt(item, 10))
    : undefined;
}

function storedType(descr: string, name: string): NpyArray['stored'] {
  switch (descr.slice(1, -1)) {
    case '<f4':
      return 'float32';
    case '<f8':
      return 'float64';
    default: {
      const type = descr === '[' ? 'records' : `elements of type ${descr.slice(1, -1)}`;
      return refuse(name, 'npy-dtype', `holds ${type}, not little-endian float32`, "save x.astype('<f4')");
    }
  }
}

/** Elements in Fortran's order (first index fastest) in C's order (last index fastest). */
function rowMajor(data: Float32Array, shape: readonly number[]): Float32Array {
  const out = new Float32Array(data.length);
  const strides = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, extent) => product * extent, 1),
  );
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

function refuse(value: string, code: string, rule: string, remedy: string, cause?: unknown): never {
  throw new CliError({ code, value, rule, remedy, cause });
}
