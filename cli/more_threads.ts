import { spawn } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import { addon } from '../runtime/addon.js';
import { atEnd } from '../runtime/at_end.js';

/** Threads of Node's own, unless it is told how many. */
export const DEFAULT_POOL = 4;

/** The command that loads many pictures. */
const LOADING = 'eval';
/** Tells the second start the number of the first one's process. */
const STARTER = 'ORIENTED1D_STARTER';

/**
 * Pictures are decompressed on threads of Node's own, whose number it takes from UV_THREADPOOL_SIZE before it runs any script. For a
 * command that loads many of them this program is started again, with a thread for each core, unless somebody has given a number. The
 * second one is killed when this one ends.
 * @param argv a command line without node and the script
 * @returns the exit code of that; undefined where there is no need for it, or it cannot be started
 */
export async function withMoreThreads(argv: readonly string[]): Promise<number | undefined> {
  const { [STARTER]: starter, ...env } = process.env;
  delete process.env[STARTER]; // of no child of this one
  if (starter !== undefined) addon().endWithParent(Number(starter));
  const cores = availableParallelism();
  const isHelp = argv.some((word) => word === '--help' || word === '-h');
  const isLoading = !isHelp && argv.find((word) => !word.startsWith('-')) === LOADING;
  if (!isLoading || cores <= DEFAULT_POOL || env.UV_THREADPOOL_SIZE !== undefined) return undefined;
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    stdio: 'inherit',
    env: { ...env, UV_THREADPOOL_SIZE: `${cores}`, [STARTER]: `${process.pid}` },
  });
  const ours = atEnd(() => child.kill());
  try {
    return await new Promise<number | undefined>((resolve) => {
      child.once('error', () => child.pid ?? resolve(undefined)); // then it goes on with fewer
      child.once('exit', (code, signal) => resolve(code ?? SIGNALLED + constants.signals[signal!]));
    });
  } finally {
    ours();
  }
}

/** What shells add to a signal's number. */
const SIGNALLED = 128;
