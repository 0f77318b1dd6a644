import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrientedError } from '../../generator/errors.js';
import { temporaryFolder } from './temporary_folder.js';
import { zipFile } from './zip_writer.js';

export const FIXTURES = fileURLToPath(new URL('../fixtures/weights/', import.meta.url));

/** A file of this test's own. */
export function written(content: Uint8Array | string, name = 'x.pth'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** What torch.save would make of a pickle and its storages, whose checksum may be given. */
export function pthFile(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  crc?: number,
): Uint8Array {
  const parts = Object.entries(storages).map(([key, data]) => ({ name: `small/data/${key}`, data }));
  return zipFile([
    { name: 'small/data.pkl', data: pickle },
    ...parts.map((part) => (crc === undefined ? part : { ...part, crc })),
  ]);
}

/** Float32 numbers as a file holds them. */
export function floatBytes(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** The one-line message of the refusal that `work` ends in; anything else fails the test. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('it was not refused'),
    (error) => error,
  );
  if (!(error instanceof OrientedError) || error.fault !== 'user' || /[\r\n]/.test(error.message))
    throw error;
  return `${error.code} ${error.message}`;
}
