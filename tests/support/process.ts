import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { packagePath } from '../../generator/package.js';

export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/**
 * Starts the compiled command line in a process of its own.
 * @param detached at the head of a group of its own
 */
export function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  { detached = false }: { readonly detached?: boolean } = {},
): Started {
  const child = spawn(process.execPath, [packagePath('dist', 'cli', 'main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached,
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)]).then(
    ([code, stdout, stderr]) => ({
      code,
      stdout,
      stderr,
    }),
  );
  return { child, ended };
}

export function oriented1d(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return start(args, env).ended;
}
