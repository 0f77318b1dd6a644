import { Worker } from 'node:worker_threads';
import type { Complaint } from '../../generator/errors.js';
import { packagePath } from '../../generator/package.js';
import type { DecodeOptions } from './decode.js';
import { ImageError } from './errors.js';

/** Threads that load images side by side: scaling one takes longer than a network of a GPU takes for it. */
export interface Decoders {
  readonly count: number;
  /** As {@link loadImage} does; waits for a thread that is idle. @throws ImageError */
  load(path: string): Promise<Float32Array>;
  /** Ends the threads; what they were doing is lost. */
  close(): Promise<void>;
}

/** What a thread says of an image. */
export type Reply =
  | { readonly kind: 'loaded'; readonly planes: Float32Array<ArrayBuffer> }
  | { readonly kind: 'refused'; readonly complaint: Complaint };

export interface Request {
  readonly path: string;
  readonly options: DecodeOptions;
}

/** @param script compiled, since threads run JavaScript only */
export function openDecoders(
  count: number,
  options: DecodeOptions,
  script: string | URL = packagePath('dist', 'runtime', 'image', 'decoder_thread.js'),
): Decoders {
  const all = Array.from({ length: count }, () => new Worker(script));
  for (const worker of all) worker.setMaxListeners(0).on('error', () => {}); // whoever waits for it hears of it
  const idle = [...all];
  const waiting: ((worker: Worker) => void)[] = [];
  return {
    count,
    async load(path) {
      const worker = idle.pop() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)));
      try {
        return planesOf(await exchange(worker, { path, options }));
      } finally {
        const next = waiting.shift();
        if (next) next(worker);
        else idle.push(worker);
      }
    },
    async close() {
      await Promise.all(all.map((worker) => worker.terminate()));
    },
  };
}

function exchange(worker: Worker, request: Request): Promise<Reply> {
  if (worker.threadId < 0) throw ended();
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      settle();
    };
    const onMessage = (reply: Reply) => finish(() => resolve(reply));
    const onError = (error: unknown) => finish(() => reject(error));
    const onExit = () => finish(() => reject(ended()));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });
}

function ended(): Error {
  return new Error('a thread that loads images has ended');
}

function planesOf(reply: Reply): Float32Array {
  switch (reply.kind) {
    case 'loaded':
      return reply.planes;
    case 'refused':
      throw new ImageError(reply.complaint);
    default:
      return reply satisfies never;
  }
}
