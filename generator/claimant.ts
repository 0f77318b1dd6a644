import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that may hold something: the claim of a trial, the lock of a folder. */
export interface Claimant {
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the system's own ticks; null where that cannot be told. */
  readonly processStart: string | null;
}

/** This process. */
export function thisProcess(): Claimant {
  return { host: hostname(), pid: process.pid, processStart: processStart(process.pid) };
}

/** Whether a process still runs. One on another host is taken to: from here, nobody can tell. */
export function isAlive({ host, pid, processStart: started }: Claimant): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it is there, but belongs to somebody else.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // The number may have gone to another process since, or to one that is dead and waits for its parent to notice.
  return started === null || processStart(pid) === started;
}

/** Start time of a process by proc(5): field 22 of its stat file. Null if it is dead, or where there is no /proc. */
function processStart(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses and may hold anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  return dead ? null : fields[19]!;
}
