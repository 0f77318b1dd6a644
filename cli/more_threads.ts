import { spawn } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import { atEnd } from '../runtime/at_end.js';

/** Threads of Node's own, unless it is told how many. */
const POOL = 4;

/** The command that loads many pictures. */
const LOADING = 'eval';

/**
 * Pictures are decompressed on threads of Node's own, whose number it takes from UV_THREADPOOL_SIZE before it runs any script. For a
 * command that loads many of them this program is started again, with a thread for each core, unless somebody has given a number.
 * @param argv a command line without node and the script
 * @returns the exit code of that; undefined where there is no need for it, or it cannot be started
 */
export async function withMoreThreads(argv: readonly string[]): Promise<number | undefined> {
  const cores = availableParallelism();
  const isLoading = argv.find((word) => !word.startsWith('-')) === LOADING;
  if (!isLoading || cores <= POOL || process.env.UV_THREADPOOL_SIZE !== undefined) return undefined;
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    stdio: 'inherit',
    env: { ...process.env, UV_THREADPOOL_SIZE: `${cores}` },
  });
  const ours = atEnd(() => child.kill());
  try {
    return await new Promise<number | undefined>((resolve) => {
      child.once('error', () => resolve(undefined)); // then it goes on with fewer
      child.once('exit', (code, signal) => resolve(code ?? SIGNALLED + constants.signals[signal!]));
    });
  } finally {
    ours();
  }
}

/** What shells add to a signal's number. */
const SIGNALLED = 128;
