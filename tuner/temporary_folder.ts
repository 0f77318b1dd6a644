import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, thisProcess } from '../generator/claimant.js';
import { atEnd } from '../runtime/at_end.js';
import { systemReason } from '../runtime/system_reason.js';
import { TunerError } from './errors.js';

/** A folder that was written to more lately may belong to a process that is not to be seen from here. In ms. */
const FRESH = 60_000;

/** `oriented1d-tune-<pid>-<host>-<six characters>`: whose it is can be told once it has been left behind. */
const NAME = /^oriented1d-tune-(\d+)-(.+)-[^-]{6}$/;

export interface TemporaryFolder {
  readonly path: string;
  /** With all that is in it; done at the latest when the process ends, unless it is killed. */
  remove(): Promise<void>;
}

/**
 * A folder of this process's own, for binaries that no later run has a use for. Folders that killed processes left are
 * removed.
 * @throws TunerError if none can be made
 */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const parent = tmpdir();
  await removeAbandoned(parent);
  const name = `oriented1d-tune-${process.pid}-${host()}-`;
  const path = await mkdtemp(join(parent, name)).catch((cause: unknown) => {
    throw new TunerError({
      code: 'no-temporary-folder',
      value: parent,
      rule: `kernels are built in a folder of temporary files, and none can be made there: ${systemReason(cause)}`,
      remedy: 'set TMPDIR to a folder of yours',
      cause,
    });
  });
  const taken = atEnd(() => rmSync(path, { recursive: true, force: true }));
  return Object.freeze({
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      taken();
    },
  });
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const path = join(parent, name);
    // Somebody else's cannot be removed, and need not be: it does not stand in the way.
    if (isOfDead(name) && !(await isFresh(path)))
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isOfDead(name: string): boolean {
  const [, pid, where] = NAME.exec(name) ?? [];
  return where === host() && !isAlive({ ...thisProcess(), pid: Number(pid), processStart: null });
}

async function isFresh(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < FRESH;
}

/** As a part of a file's name. */
function host(): string {
  return encodeURIComponent(hostname());
}
