import { fstatSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import { assertWritable } from './atomic.js';
import { CliError } from './errors.js';

/**
 * Says early that a file cannot be written by a command that also prints: what it prints would end up in that file.
 * @throws CliError if the path cannot be written, or leads to standard output
 */
export async function assertOutput(path: string): Promise<void> {
  await assertWritable(path);
  if (!isStandardOutput(path)) return;
  throw new CliError({
    code: 'output-stdout',
    value: path,
    rule: 'is the standard output, where this command prints what it did, and the two would mix',
    remedy: 'name a file, or another descriptor such as /dev/fd/3',
  });
}

function isStandardOutput(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  // Nothing mixes where nothing is kept.
  if (!there || there.rdev === statSync(devNull).rdev) return false;
  try {
    const stdout = fstatSync(process.stdout.fd);
    return there.dev === stdout.dev && there.ino === stdout.ino;
  } catch {
    return false; // it is closed
  }
}
