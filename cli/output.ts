import { fstatSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import { resolve } from 'node:path';
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

/** The same of several files. @throws CliError if two of them are one, too */
export async function assertOutputs(paths: readonly string[]): Promise<void> {
  const places = new Map<string, string>();
  for (const path of paths) {
    await assertOutput(path);
    const { place, special } = await assertWritable(path);
    const other = special ? undefined : places.get(resolve(place));
    if (other !== undefined) throw sameFile(path, other);
    places.set(resolve(place), path);
  }
}

function sameFile(path: string, other: string): CliError {
  return new CliError({
    code: 'output-twice',
    value: path,
    rule: `two results would go into this file${path === other ? '' : `, which is also ${other}`}`,
    remedy: 'name a file for each',
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
