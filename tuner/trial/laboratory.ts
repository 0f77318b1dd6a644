import { type ChildProcess, fork } from 'node:child_process';
import { packagePath } from '../../generator/package.js';
import { TunerError } from '../errors.js';
import type { StoppingRule } from '../measure/stopping.js';
import type { Failure, Outcome } from '../outcome.js';
import type { Final, Reply, Request, Setup, Subject } from './protocol.js';

/** How much longer than its budget a trial may take, for building up and verifying, in milliseconds. */
const GRACE = 20_000;

/**
 * Where trials are made: a worker process that is started when needed, and started anew after a kernel has crashed or
 * hung in it. One request at a time.
 */
export class Laboratory {
  readonly #setup: Setup;
  readonly #worker: string;
  readonly #grace: number;
  #child: ChildProcess | undefined;

  constructor(
    setup: Setup,
    worker: string = packagePath('dist', 'tuner', 'trial', 'worker.js'),
    grace: number = GRACE,
  ) {
    this.#setup = setup;
    this.#worker = worker;
    this.#grace = grace;
  }

  /** Verifies and times a kernel. Crashes and hangs are outcomes. @throws TunerError if the worker itself fails */
  async trial(subject: Subject, stopping: StoppingRule): Promise<Outcome> {
    const reply = await this.#request({ kind: 'trial', subject, stopping }, stopping);
    if (reply.kind === 'outcome') return reply.outcome;
    if (reply.kind === 'crashed' || reply.kind === 'hung') return reply;
    throw broken(reply);
  }

  /** Times kernels and the copy in turn. @throws TunerError if that fails */
  async final(subjects: readonly Subject[], stopping: StoppingRule): Promise<Final> {
    const reply = await this.#request({ kind: 'final', subjects, stopping }, stopping);
    if (reply.kind === 'final') return reply.final;
    throw broken(reply);
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #request(request: Request, { budget }: StoppingRule): Promise<Reply | Failure> {
    if (!this.#child) {
      this.#child = fork(this.#worker, {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        serialization: 'advanced',
      });
      const reply = await exchange(this.#child, this.#setup, this.#grace * 3);
      if (reply.kind !== 'ready') {
        this.close();
        throw broken(reply);
      }
    }
    const reply = await exchange(this.#child, request, budget / 1000 + this.#grace);
    if (reply.kind === 'crashed' || reply.kind === 'hung') this.close();
    return reply;
  }
}

/** Sends a request and waits for the reply, the worker's end, or the time limit in milliseconds. */
function exchange(child: ChildProcess, request: Request, limit: number): Promise<Reply | Failure> {
  return new Promise((resolve) => {
    const finish = (reply: Reply | Failure) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.on('error', () => {}); // a worker that was killed may still report a broken pipe
      resolve(reply);
    };
    const timer = setTimeout(
      () => finish({ kind: 'hung', reason: `no answer within ${Math.round(limit / 1000)} s` }),
      limit,
    );
    child.once('message', (reply: Reply) => finish(reply));
    child.once('error', (error) => finish({ kind: 'crashed', reason: error.message }));
    child.once('exit', (code, signal) =>
      finish({ kind: 'crashed', reason: signal ? `ended by ${signal}` : `ended with status ${code}` }),
    );
    child.send(request, () => {}); // an error shows as the worker's end
  });
}

function broken(reply: Reply | Failure): TunerError {
  const reason = 'reason' in reply ? reply.reason : `an unexpected reply: ${reply.kind}`;
  return new TunerError(
    {
      code: 'worker',
      value: 'trial worker',
      rule: `the process that makes trials failed: ${reason}`,
      remedy: 'run `oriented1d doctor`; with a smaller --batch there is more memory left',
    },
    'system',
  );
}
