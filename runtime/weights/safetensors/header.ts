import { z } from 'zod';
import { shapeText } from '../checkpoint.js';
import { ELEMENT_BYTES, ELEMENT_TYPES, type ElementType, isElementType } from '../elements.js';
import { refuse, shown } from '../errors.js';

/**
 * The header of a safetensors file: eight bytes with its length, then JSON that gives the type, the shape and the place
 * of every tensor, perhaps `__metadata__` (strings), and spaces up to a multiple of eight. The numbers follow: every byte
 * of them belongs to exactly one tensor.
 * @see https://huggingface.co/docs/safetensors/index#format
 */
export interface TensorEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** First byte and the one after the last, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

export const LENGTH_BYTES = 8;
/** The format's own limit. */
export const HEADER_BYTES = 100_000_000;
/** Far more than any network has: what is read stays quick to read. */
const TENSORS = 100_000;
export const METADATA = '__metadata__';

const index = z.int().nonnegative();
const TENSOR = z.strictObject({
  dtype: z.string(),
  shape: z.array(index),
  data_offsets: z.tuple([index, index]),
});
const STRINGS = z.record(z.string(), z.string());

/**
 * @param dataBytes what follows the header in the file
 * @returns tensors in the order of their places
 * @throws WeightsError if any rule of the format is broken
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, source: string): readonly TensorEntry[] {
  const text = decoded(bytes, source);
  const entries: TensorEntry[] = [];
  let keys = 0;
  const fields = Object.entries(parsedObject(text, source));
  if (fields.length > TENSORS) bad(source, `describes more than ${TENSORS} tensors`);
  for (const [name, value] of fields) {
    if (name === METADATA) {
      const strings = STRINGS.safeParse(value);
      if (!strings.success) bad(source, `has ${METADATA} that are no strings`);
      keys += 1 + Object.keys(value as object).length;
    } else {
      entries.push(tensorEntry(name, value, source));
      keys += 1 + Object.keys(TENSOR.shape).length;
    }
  }
  requireOnce(text, keys, source);
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  requireCovered(entries, dataBytes, source);
  return Object.freeze(entries);
}

function decoded(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return bad(source, 'is no UTF-8', cause);
  }
}

function parsedObject(text: string, source: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return bad(source, 'is no JSON', cause);
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? value
    : bad(source, 'is no JSON object');
}

function tensorEntry(name: string, value: unknown, source: string): TensorEntry {
  const entry = TENSOR.safeParse(value);
  if (!entry.success)
    return bad(source, `describes ${shown(name)} by something else than dtype, shape and data_offsets`);
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = entry.data;
  if (!isElementType(dtype))
    return refuse(
      source,
      'safetensors-dtype',
      `holds ${shown(name)} as ${shown(dtype)}; ${ELEMENT_TYPES.join(', ')} are read`,
      'save it as float32',
    );
  const size = shape.reduce((product, extent) => product * extent, ELEMENT_BYTES[dtype]);
  if (end - begin !== size)
    bad(source, `gives ${shown(name)} ${end - begin} bytes where ${dtype} ${shapeText(shape)} takes ${size}`);
  return Object.freeze({ name, type: dtype, shape: Object.freeze(shape), begin, end });
}

/** JSON.parse keeps the last of two equal keys without a word; then the text has more keys than its value. */
function requireOnce(text: string, keys: number, source: string): void {
  let seen = 0;
  // In JSON, a string is a key exactly if a colon follows.
  for (const [, colon] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"\s*(:)?/g)) if (colon) seen++;
  if (seen !== keys) bad(source, 'gives one name twice');
}

function requireCovered(entries: readonly TensorEntry[], dataBytes: number, source: string): void {
  let end = 0;
  for (const entry of entries) {
    if (entry.begin < end) bad(source, `lets ${shown(entry.name)} overlap another tensor`);
    if (entry.begin > end)
      bad(source, `leaves a gap of ${entry.begin - end} bytes before ${shown(entry.name)}`);
    end = entry.end;
  }
  if (end === dataBytes) return;
  refuse(
    source,
    end > dataBytes ? 'safetensors-truncated' : 'safetensors-excess',
    `holds ${dataBytes} bytes of numbers where its header describes ${end}`,
    'fetch it again, or save it again',
  );
}

function bad(source: string, fault: string, cause?: unknown): never {
  return refuse(
    source,
    'safetensors-header',
    `has a safetensors header that ${fault}`,
    'fetch it again, or save it again',
    cause,
  );
}
