import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { packagePath } from '../generator/package.js';
import type { Op } from '../generator/problem.js';
import { invoke } from '../runtime/process.js';
import { BenchError } from './errors.js';

/** What PyTorch is asked to time: a 1xK depthwise convolution, padded to keep its size, or gradients of it. */
export interface TorchJob {
  readonly op: Op;
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
}

/** Where a job runs. */
export type PeerDevice = Pick<TorchJob, 'device' | 'threads'>;

const ready = z.object({ job: z.int() });
const timed = z.object({ microseconds: z.number().positive() });

/** PyTorch in a process of its own: it sleeps while we are timed, and we while it is. */
export class TorchPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  /** PyTorch's. */
  readonly version: string;

  private constructor({ python, version }: Python) {
    this.version = version;
    this.#child = spawn(python, [packagePath('bench', 'peers', 'torch_conv.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: peerEnvironment(),
    });
    // A Python that does not start or has ended shows as the end of its answers.
    this.#child.on('error', () => {});
    this.#child.stdin.on('error', () => {});
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** @returns undefined where no Python has PyTorch, with CUDA if that is asked for */
  static async open(device: TorchJob['device']): Promise<TorchPeer | undefined> {
    const found = await findPython(device);
    return found && new TorchPeer(found);
  }

  /** Gets a job ready. @returns its number @throws BenchError */
  async setup(job: TorchJob): Promise<number> {
    return (await this.#ask(job, ready)).job;
  }

  /** Mean time of some runs of a job, in microseconds. @throws BenchError */
  async time(job: number, runs: number): Promise<number> {
    return (await this.#ask({ job, runs }, timed)).microseconds;
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }

  async #ask<T>(request: object, answer: z.ZodType<T>): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw broken('it ended without an answer; its own message is above');
    try {
      return answer.parse(JSON.parse(value));
    } catch (cause) {
      throw broken(`it answered ${value.slice(0, 80)}`, cause);
    }
  }
}

/** How to get what {@link TorchPeer} needs. */
export const TORCH_REMEDY = {
  cpu: 'apt-get install python3-torch libopenblas0-pthread, or set PYTHON to one that imports torch',
  cuda: 'pip install torch, or set PYTHON to one that imports it and sees the GPU',
} as const;

interface Python {
  readonly python: string;
  readonly version: string;
}

/** Fails without a GPU that PyTorch sees. */
const VERSION_OF = {
  cpu: 'import torch; print(torch.__version__)',
  cuda: 'import torch; torch.zeros(1, device="cuda"); print(torch.__version__)',
} as const;

async function findPython(device: TorchJob['device']): Promise<Python | undefined> {
  for (const python of [process.env.PYTHON, 'python3', '/usr/bin/python3']) {
    if (!python) continue;
    const outcome = await invoke([python, '-c', VERSION_OF[device]]).catch(() => undefined);
    if (outcome?.code === 0) return { python, version: outcome.stdout.trim() };
  }
  return undefined;
}

/** Without what would choose another kernel for OpenBLAS than the processor's own. */
function peerEnvironment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, ...rest } = process.env;
  return rest;
}

function broken(reason: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'peer-broken',
    value: 'PyTorch',
    rule: `the process that times it broke down: ${reason}`,
    remedy: 'measure without it by --peers none, or set PYTHON to another one that imports torch',
    cause,
  });
}
