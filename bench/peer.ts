import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { packagePath } from '../generator/package.js';
import { invoke } from '../runtime/process.js';

/** What PyTorch is asked to time: a 1xK or Kx1 depthwise convolution, padded to keep its size. */
export interface TorchJob {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly layout: 'nhwc' | 'nchw';
  readonly vertical: boolean;
  readonly threads: number;
  /** Input buffers in rotation. */
  readonly sets: number;
}

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
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** @returns undefined where no Python has PyTorch */
  static async open(): Promise<TorchPeer | undefined> {
    const found = await findPython();
    return found && new TorchPeer(found);
  }

  async setup(job: TorchJob): Promise<void> {
    await this.#ask<{ ready: true }>(job);
  }

  /** Mean time of some runs of the last job, in microseconds. */
  async time(runs: number): Promise<number> {
    return (await this.#ask<{ microseconds: number }>({ runs })).microseconds;
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }

  async #ask<T>(request: object): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('PyTorch ended; its message is above');
    return JSON.parse(value) as T;
  }
}

/** How to get what {@link TorchPeer} needs. */
export const TORCH_REMEDY =
  'apt-get install python3-torch libopenblas0-pthread, or set PYTHON to one that imports torch';

interface Python {
  readonly python: string;
  readonly version: string;
}

async function findPython(): Promise<Python | undefined> {
  for (const python of [process.env.PYTHON, 'python3', '/usr/bin/python3']) {
    if (!python) continue;
    const outcome = await invoke([python, '-c', 'import torch; print(torch.__version__)']).catch(
      () => undefined,
    );
    if (outcome?.code === 0) return { python, version: outcome.stdout.trim() };
  }
  return undefined;
}

/** Without what would choose another kernel for OpenBLAS than the processor's own. */
function peerEnvironment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, ...rest } = process.env;
  return rest;
}
