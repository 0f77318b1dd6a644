import {
  type Checkpoint,
  checkpoint,
  type Extent,
  type NamedTensor,
  requireChecksum,
} from '../checkpoint.js';
import { ELEMENT_BYTES } from '../elements.js';
import { refuse, shown } from '../errors.js';
import type { WeightsFile } from '../file.js';
import { unpickle } from '../pickle/unpickle.js';
import type { Storage } from '../pickle/values.js';
import { readView, type View } from '../view.js';
import { type Archive, withArchive } from './archive.js';
import { stateDict, type Which } from './state_dict.js';

/** Far more than any state dict takes: its numbers are beside it. */
const PICKLE_BYTES = 64 * 2 ** 20;

/**
 * A checkpoint that torch.save wrote, since PyTorch 1.6: a zip file of stored entries, `NAME/data.pkl` with a pickle of
 * names, shapes and strides, and the numbers of each storage in `NAME/data/KEY`.
 * @throws WeightsError if it is none, is damaged, or holds anything but tensors and plain data
 */
export async function readPth(file: WeightsFile, which: Which): Promise<Checkpoint> {
  return withArchive(file, async (archive) => {
    const folder = folderOf(archive, file.path);
    await requireLittleEndian(file, archive, folder);
    const root = unpickle(await entry(file, archive, `${folder}data.pkl`, PICKLE_BYTES), file.path);
    const tensors: NamedTensor[] = [];
    const starts = new Map<string, Promise<number>>();
    for (const [name, tensor] of stateDict(root, which, file.path)) {
      const part = `${folder}data/${tensor.storage.key}`;
      requireSize(file.path, archive.size(part), part, tensor.storage);
      if (!starts.has(part)) starts.set(part, archive.start(part));
      const start = await starts.get(part)!;
      const { type, length } = tensor.storage;
      tensors.push(namedTensor(name, { file, start, length, type, crc: archive.crc(part) }, tensor.view));
    }
    return checkpoint(file.path, 'pth', tensors);
  });
}

function namedTensor(name: string, storage: Extent, view: View): NamedTensor {
  return Object.freeze<NamedTensor>({
    kind: 'named-tensor',
    name,
    shape: view.shape,
    stored: storage.type,
    read: () => readView(storage, view),
  });
}

/** `small/` of `small/data.pkl`. */
function folderOf({ names }: Archive, source: string): string {
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1)
    refuse(
      source,
      'pth-none',
      'is a zip file, but none that torch.save wrote',
      'name a checkpoint by torch.save',
    );
  return pickles[0]!.slice(0, -'data.pkl'.length);
}

async function requireLittleEndian(file: WeightsFile, archive: Archive, folder: string): Promise<void> {
  const part = `${folder}byteorder`;
  // Files of PyTorch before 2.0 do not say, and are little-endian.
  if (archive.size(part) === undefined) return;
  const order = Buffer.from(await entry(file, archive, part, 64)).toString('latin1');
  if (order !== 'little')
    refuse(
      file.path,
      'pth-byteorder',
      `holds numbers in the byte order ${shown(order)}`,
      'save it on a little-endian machine',
    );
}

async function entry(file: WeightsFile, archive: Archive, part: string, limit: number): Promise<Uint8Array> {
  const start = await archive.start(part);
  const size = archive.size(part)!;
  if (size > limit)
    refuse(
      file.path,
      'pth-entry-long',
      `has ${size} bytes in its part ${shown(part)}, more than ${limit}`,
      'save the weights alone, without the rest of the program',
    );
  const bytes = new Uint8Array(size);
  await file.read(start, bytes);
  requireChecksum(file, bytes, archive.crc(part));
  return bytes;
}

function requireSize(
  source: string,
  size: number | undefined,
  part: string,
  { type, length }: Storage,
): void {
  const wanted = length * ELEMENT_BYTES[type];
  if (size === wanted) return;
  refuse(
    source,
    'pth-storage',
    size === undefined
      ? `lacks its part ${shown(part)}`
      : `has ${size} bytes in its part ${shown(part)} where ${length} elements of ${type} take ${wanted}`,
    'fetch it again, or save it again with torch.save',
  );
}
