import { type Checkpoint, checkpoint, type NamedTensor, readExtent, unwrapped } from '../checkpoint.js';
import { ELEMENT_BYTES } from '../elements.js';
import { refuse } from '../errors.js';
import type { WeightsFile } from '../file.js';
import { HEADER_BYTES, LENGTH_BYTES, parseHeader } from './header.js';

/**
 * A checkpoint in a safetensors file, without the `module.` that distributed training puts before every name.
 * @throws WeightsError if any rule of the format is broken
 */
export async function readSafetensors(file: WeightsFile): Promise<Checkpoint> {
  const length = await headerLength(file);
  const header = new Uint8Array(length);
  await file.read(LENGTH_BYTES, header);
  const data = LENGTH_BYTES + length;
  const entries = parseHeader(header, file.bytes - data, file.path);
  const names = unwrapped(entries.map(({ name }) => name));
  const tensors = entries.map(({ type, shape, begin, end }, i) => {
    const extent = { file, start: data + begin, length: (end - begin) / ELEMENT_BYTES[type], type };
    return Object.freeze<NamedTensor>({
      kind: 'named-tensor',
      name: names[i]!,
      shape,
      stored: type,
      read: () => readExtent(extent),
    });
  });
  return checkpoint(file.path, 'safetensors', tensors);
}

async function headerLength(file: WeightsFile): Promise<number> {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  await file.read(0, bytes);
  const length = Number(bytes.readBigUInt64LE());
  if (length > HEADER_BYTES)
    refuse(
      file.path,
      'safetensors-header',
      `has a safetensors header of ${length} bytes, more than the ${HEADER_BYTES} that the format allows`,
      'fetch it again, or save it again',
    );
  if (LENGTH_BYTES + length > file.bytes)
    refuse(file.path, 'safetensors-truncated', 'ends inside its safetensors header', 'fetch it again');
  return length;
}
