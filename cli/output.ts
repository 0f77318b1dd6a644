import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import { resolve } from 'node:path';
import { realFolder } from '../generator/library/replace.js';
import { assertWritable, type Destination } from './atomic.js';
import { CliError } from './errors.js';

/**
 * Says early that a file cannot be written by a command that also prints: what it prints would end up in that file.
 * @throws CliError if the path cannot be written, leads to standard output, or is a database
 */
export async function assertOutput(path: string): Promise<Destination> {
  const destination = await assertWritable(path);
  if (isDatabase(path)) throw database(path);
  if (!isStandardOutput(path)) return destination;
  throw new CliError({
    code: 'output-stdout',
    value: path,
    rule: 'is the standard output, where this command prints what it did, and the two would mix',
    remedy: 'name a file, or another descriptor such as /dev/fd/3',
  });
}

/**
 * The same of several files.
 * @param others files that the command has another use for
 * @throws CliError if two of them are one, or one is among the others, too
 */
export async function assertOutputs(paths: readonly string[], others: readonly string[] = []): Promise<void> {
  const taken = new Set(others.map(placeOf));
  const places = new Map<string, string>();
  for (const path of paths) {
    if (taken.has(placeOf(path))) throw inUse(path);
    const { place, special } = await assertOutput(path);
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

function placeOf(path: string): string {
  return realFolder(resolve(path));
}

function inUse(path: string): CliError {
  return new CliError({
    code: 'output-taken',
    value: path,
    rule: 'is the file of another option or argument, and would be written over',
    remedy: 'name another file for what is written',
  });
}

const DATABASE = 'SQLite format 3\0';

function isDatabase(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const head = Buffer.alloc(DATABASE.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return head.toString('latin1') === DATABASE;
}

function database(path: string): CliError {
  return new CliError({
    code: 'output-database',
    value: path,
    rule: 'is a database, which would be lost',
    remedy: 'name another file for what is written',
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
