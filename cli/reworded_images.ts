import { availableParallelism } from 'node:os';
import { unpackedImage } from '../generator/library/image_bytes.js';
import { type Image, kernelKey } from '../generator/library/kernel_file.js';
import { isSameCode } from '../generator/library/machine_code.js';
import type { Manifest } from '../generator/library/manifest.js';
import { type Republication, rewordedKernels } from '../generator/library/republish.js';
import { sideBySide } from '../runtime/side_by_side.js';
import { imageBy } from './kernel_images.js';

/**
 * Images of those kernels of a library whose text has changed, and of which the compiler of the one that was measured makes the same machine
 * code, by {@link kernelKey}.
 * @throws LibraryError if an image is damaged; DeviceError if a kernel does not compile
 */
export async function rewordedImages(
  folder: string,
  { kernels }: Manifest,
  render: Republication['render'],
): Promise<ReadonlyMap<string, Image>> {
  const changed = rewordedKernels(folder, kernels, render);
  const images = await sideBySide(changed, availableParallelism(), async ({ kernel, measured }) => {
    const image = await imageBy(kernel, measured.compiler);
    const isSame = image && isSameCode(unpackedImage(image.bytes), unpackedImage(measured.bytes));
    return isSame ? [[kernelKey(kernel.entry), image] as const] : [];
  });
  return new Map(images.flat());
}
