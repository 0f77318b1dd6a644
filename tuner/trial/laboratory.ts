import { packagePath } from '../../generator/package.js';
import { TunerError } from '../errors.js';
import type { StoppingRule } from '../measure/stopping.js';
import type { Failure, Outcome } from '../outcome.js';
import type { Final, Reply, Request, Setup, Subject } from './protocol.js';
import { WorkerProcess } from './worker_process.js';

/** How much longer than its budget a trial may take, for building up and verifying, in milliseconds. */
const GRACE = 20_000;
/** How long a worker may take to start and to make the inputs and the reference of its problem, in milliseconds. */
const SETUP = 60_000;

/**
 * Where trials are made: a worker process that is started when needed, and started anew after a kernel has crashed or
 * hung in it, or when it has ended in between. One request at a time. A worker that is killed from outside, as by a
 * system short of memory or with the tuner's process group, says nothing of its kernel, which is tried once more; twice is a crash.
 */
export class Laboratory {
  readonly #setup: Setup;
  readonly #script: string;
  readonly #grace: number;
  #worker: WorkerProcess | undefined;

  constructor(
    setup: Setup,
    script: string = packagePath('dist', 'tuner', 'trial', 'worker.js'),
    grace: number = GRACE,
  ) {
    this.#setup = setup;
    this.#script = script;
    this.#grace = grace;
  }

  /** Verifies and times a kernel. Crashes and hangs are outcomes. @throws TunerError if the worker itself fails */
  async trial(subject: Subject, stopping: StoppingRule): Promise<Outcome> {
    const reply = await this.#request({ kind: 'trial', subject, stopping }, stopping);
    if (reply.kind === 'outcome') return reply.outcome;
    if (isFailure(reply)) return reply;
    throw broken(reply);
  }

  /**
   * Times kernels and the copy in turn.
   * @param incumbent the place of the one that stays in to the end, as the default does
   * @returns a failure if one of the kernels crashed or hung, or could not be loaded
   * @throws TunerError if the worker itself fails
   */
  async final(
    subjects: readonly Subject[],
    stopping: StoppingRule,
    incumbent?: number,
  ): Promise<Final | Failure> {
    const reply = await this.#request({ kind: 'final', subjects, incumbent, stopping }, stopping);
    if (reply.kind === 'final' || isFailure(reply)) return reply;
    throw broken(reply);
  }

  close(): void {
    this.#worker?.kill();
    this.#worker = undefined;
  }

  async #request(request: Request, { budget }: StoppingRule): Promise<Reply> {
    // A worker that ended in between shows at the latest when it is sent something; a fresh one has just answered.
    for (let attempt = 0; attempt < 2; attempt++) {
      const worker = await this.#ready();
      const reply = await worker.exchange(request, budget / 1000 + this.#grace);
      if (reply === 'unsent') {
        this.close();
        continue;
      }
      const wasKilled = reply.kind === 'crashed' && worker.wasKilled;
      if (hasLostDevice(reply)) this.close();
      if (!wasKilled || attempt > 0) return reply;
    }
    throw broken({ kind: 'broken', reason: 'it ended as soon as it was ready, twice' });
  }

  /** The worker, set up. One that is killed before, as by what ends the tuner itself, is started once more. */
  async #ready(again = true): Promise<WorkerProcess> {
    if (this.#worker?.alive) return this.#worker;
    const worker = new WorkerProcess(this.#script);
    this.#worker = worker;
    const reply = await worker.exchange(this.#setup, SETUP);
    if (reply !== 'unsent' && reply.kind === 'ready') return worker;
    this.close();
    if (again && (reply === 'unsent' || worker.wasKilled)) return this.#ready(false);
    throw broken(reply === 'unsent' ? { kind: 'broken', reason: 'it could not be told its problem' } : reply);
  }
}

/** Whether the worker is of no more use: it has ended or hangs, or a kernel took its GPU along. */
function hasLostDevice(reply: Reply): boolean {
  const { kind } = reply.kind === 'outcome' ? reply.outcome : reply;
  return kind === 'crashed' || kind === 'hung';
}

function isFailure(reply: Reply): reply is Failure {
  return reply.kind === 'crashed' || reply.kind === 'hung' || reply.kind === 'failed';
}

function broken(reply: Reply): TunerError {
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
