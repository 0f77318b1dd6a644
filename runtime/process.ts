import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { atEnd } from './at_end.js';

export interface Outcome {
  /** The exit status; null if a signal ended it. */
  readonly code: number | null;
  /** Of that signal; null if it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end, with `input` on its standard input; it is ended with this process. Rejects only if it cannot be
 * started.
 */
export async function invoke(command: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(command[0]!, command.slice(1), { stdio: 'pipe' });
  const ours = atEnd(() => child.kill());
  const ended = new Promise<Pick<Outcome, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  try {
    if (child.pid === undefined) await ended; // rejects: what cannot be started may have no streams
    child.stdin.on('error', () => {}); // a command that ends without reading all of it says so by its exit status
    child.stdin.end(input);
    const [end, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { ...end, stdout, stderr };
  } finally {
    ours();
  }
}
