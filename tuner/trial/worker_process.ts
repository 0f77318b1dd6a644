import { type ChildProcess, fork } from 'node:child_process';
import { atEnd } from '../../runtime/at_end.js';
import { patience } from './patience.js';
import type { Reply, Request } from './protocol.js';

/** Signals that are sent from outside; of those but the first, a worker is safe only once it has started. */
const SENT: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];

/** Characters of the last words of a worker that are kept. */
const TAIL = 500;

/** A process that makes trials, as its tuner sees it. One request at a time. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #stderr = '';

  constructor(script: string) {
    this.#child = fork(script, [String(process.pid)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.#child.on('error', () => {}); // a worker that was killed may still report a broken pipe
    // It would end by itself once it is alone, but for a kernel that hangs; where this process is killed, Linux sees to it.
    this.#child.once(
      'close',
      atEnd(() => this.kill()),
    );
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-TAIL);
    });
  }

  /** False as soon as the process is known to have ended. */
  get alive(): boolean {
    const { connected, exitCode, signalCode } = this.#child;
    return connected && exitCode === null && signalCode === null;
  }

  /** Whether a signal ended it that no kernel raises: whoever has not called kill() is not who did. */
  get wasKilled(): boolean {
    const { signalCode } = this.#child;
    return signalCode !== null && SENT.includes(signalCode);
  }

  /**
   * Sends a request and waits for the reply, the process's end, or the time limit.
   * @param limit milliseconds
   * @returns `unsent` if the process was gone before it had the request
   */
  exchange(request: Request, limit: number): Promise<Reply | 'unsent'> {
    const child = this.#child;
    return new Promise((resolve) => {
      const finish = (reply: Reply | 'unsent') => {
        takeBack();
        child.off('message', onMessage).off('close', onClose);
        resolve(reply);
      };
      const onMessage = (reply: Reply) => finish(reply);
      // Later than `exit`: by now all that it wrote is here.
      const onClose = (code: number | null, signal: NodeJS.Signals | null) =>
        finish({ kind: 'crashed', reason: this.#end(signal ? `by ${signal}` : `with status ${code}`) });
      const takeBack = patience(limit, () =>
        finish({ kind: 'hung', reason: `no answer within ${Math.round(limit / 1000)} s` }),
      );
      child.on('message', onMessage).on('close', onClose);
      child.send(request, (error) => {
        if (error) finish('unsent');
      });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #end(how: string): string {
    const words = this.#stderr.trim().replaceAll(/\s*\n\s*/g, ' | ');
    return `ended ${how}${words && `: ${words}`}`;
  }
}
