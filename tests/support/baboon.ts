import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import baboonUri from 'baboon-image-uri';

/** The test picture of the field, 128 x 128 pixels, as a file in a folder. */
export function baboonFile(folder: string): string {
  const file = join(folder, 'baboon.png');
  writeFileSync(file, Buffer.from(baboonUri.split(',')[1]!, 'base64'));
  return file;
}
