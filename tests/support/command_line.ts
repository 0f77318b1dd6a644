import { readFileSync } from 'node:fs';

/** Of a process, its parts with NUL between them: empty where there is none, or one that only waits for its parent to notice. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it may end at any time
  }
}
