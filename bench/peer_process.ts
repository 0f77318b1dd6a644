import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { Op } from '../generator/problem.js';
import { BenchError } from './errors.js';

/** What a peer is asked to time: a depthwise convolution along an axis, padded to keep its size, or what training makes of it. */
export interface PeerJob {
  /** `step` is forward, mean and backward of an input that takes no gradient, `full` of one that takes one. */
  readonly op: Op | 'step' | 'full';
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly layout: 'nhwc' | 'nchw';
  readonly stride: number;
  readonly device: 'cpu' | 'cuda';
  /** Of a CPU. */
  readonly threads?: number;
  /** Buffers of what is read in rotation. */
  readonly sets: number;
  /** KxK instead of one axis. */
  readonly square?: true;
  /** 1xK unless it says `vertical`, for Kx1. */
  readonly axis?: 'horizontal' | 'vertical';
  /** PyTorch's cudnn.benchmark, on unless given. */
  readonly benchmark?: boolean;
  /** By torch.compile. */
  readonly compile?: boolean;
}

/** How a peer's process is started, and what it is called. */
export interface PeerCommand {
  /** What messages call it. */
  readonly name: string;
  readonly version: string;
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What to do when it breaks down. */
  readonly remedy: string;
}

const ready = z.object({ job: z.int() });
const timed = z.object({ microseconds: z.number().positive() });
const forgotten = z.object({ forgotten: z.int() });

/** A peer in a process of its own, which is told JSON lines: it sleeps while we are timed, and we while it is. */
export class PeerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #about: PeerCommand;

  readonly version: string;

  constructor(about: PeerCommand) {
    const { command, env = process.env, version } = about;
    this.version = version;
    this.#about = about;
    this.#child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'], env });
    // What does not start or has ended shows as the end of its answers.
    this.#child.on('error', () => {});
    this.#child.stdin.on('error', () => {});
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Gets a job ready. @returns its number @throws BenchError */
  async setup(job: PeerJob): Promise<number> {
    return (await this.ask(job, ready)).job;
  }

  /** Mean time of some runs of a job, in microseconds. @throws BenchError */
  async time(job: number, runs: number): Promise<number> {
    return (await this.ask({ job, runs }, timed)).microseconds;
  }

  /** Gives back what all jobs so far hold; their numbers are not used again. @throws BenchError */
  async forget(): Promise<void> {
    await this.ask({ forget: true }, forgotten);
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }

  /** Sends a request and reads its answer. @throws BenchError if there is none, or another */
  async ask<T>(request: object, answer: z.ZodType<T>): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw this.#broken('it ended without an answer; its own message is above');
    try {
      return answer.parse(JSON.parse(value));
    } catch (cause) {
      throw this.#broken(`it answered ${value.slice(0, 80)}`, cause);
    }
  }

  #broken(reason: string, cause?: unknown): BenchError {
    const { name, remedy } = this.#about;
    return new BenchError({
      code: 'peer-broken',
      value: name,
      rule: `the process that times it broke down: ${reason}`,
      remedy,
      cause,
    });
  }
}
