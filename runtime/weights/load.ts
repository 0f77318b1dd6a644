import type { Checkpoint } from './checkpoint.js';
import { refuse } from './errors.js';
import { openWeightsFile, type WeightsFile } from './file.js';
import { readPth } from './pth/read_pth.js';
import type { Which } from './pth/state_dict.js';
import { readSafetensors } from './safetensors/read_safetensors.js';

export interface LoadOptions {
  /** The weights that were trained, unless their moving average is asked for. */
  readonly which?: Which;
}

/**
 * Opens a checkpoint by PyTorch (`.pth`) or a `.safetensors` file; which of them it is, its content says. Nothing in it
 * is executed, and its numbers are read when they are asked for.
 * @throws WeightsError if it cannot be read, or is neither
 */
export async function loadWeights(path: string, { which = 'model' }: LoadOptions = {}): Promise<Checkpoint> {
  const file = await openWeightsFile(path);
  const format = await formatOf(file);
  switch (format) {
    case 'zip':
      return readPth(file, which);
    case 'safetensors':
      if (which === 'ema')
        refuse(
          path,
          'ema-missing',
          'holds one set of weights, and no average beside it',
          'read it without --ema',
        );
      return readSafetensors(file);
    case 'legacy':
      return refuse(
        path,
        'pth-legacy',
        "is in PyTorch's format from before 1.6",
        'load it with torch.load and save it again with torch.save, which writes the present one',
      );
    case 'pointer':
      return refuse(path, 'weights-pointer', 'is a Git LFS pointer, not the file itself', 'run git lfs pull');
    default:
      return refuse(
        path,
        'weights-format',
        FORMATS[format],
        'name a checkpoint by torch.save or a .safetensors file',
      );
  }
}

type Format = 'zip' | 'safetensors' | 'legacy' | 'pointer' | 'pickle' | 'text' | 'unknown';

const FORMATS = {
  pickle: 'is a bare pickle, without the numbers of any tensor',
  text: 'is a text file',
  unknown: 'is neither a .pth nor a .safetensors file',
} as const;

/** Magic number of torch.save before 1.6: a pickle of its own, protocol 2, of the number 0x1950a86a20f9469cfc6c. */
const LEGACY = '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19';

async function formatOf(file: WeightsFile): Promise<Format> {
  const head = Buffer.alloc(Math.min(512, file.bytes));
  await file.read(0, head);
  const text = head.toString('latin1');
  // The length of the header is below 2^32, so that four of its eight bytes are zero, and the header is an object. The
  // other four may be anything, another format's magic number too.
  if (text.startsWith('\0\0\0\0{', 4)) return 'safetensors';
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return 'zip';
  if (text.startsWith(LEGACY)) return 'legacy';
  if (text.startsWith('\x80')) return 'pickle';
  if (text.startsWith('version https://git-lfs')) return 'pointer';
  return [...head].every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d)) ? 'text' : 'unknown';
}
