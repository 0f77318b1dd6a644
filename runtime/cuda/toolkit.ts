import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const USUAL = '/usr/local';

/** Where CUDA toolkits may be: $CUDA_HOME and $CUDA_PATH, then the usual places, newest first. */
export function toolkitFolders(): readonly string[] {
  const { CUDA_HOME, CUDA_PATH } = process.env;
  return [
    ...[CUDA_HOME, CUDA_PATH].filter((folder) => folder !== undefined && folder !== ''),
    ...usual(),
  ] as readonly string[];
}

function usual(): readonly string[] {
  try {
    return readdirSync(USUAL)
      .filter((name) => /^cuda(-[\d.]+)?$/.test(name))
      .sort((a, b) => (a === 'cuda' ? -1 : b === 'cuda' ? 1 : b.localeCompare(a, 'en', { numeric: true })))
      .map((name) => join(USUAL, name));
  } catch {
    return []; // another system
  }
}
