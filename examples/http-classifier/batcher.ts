export interface BatcherOptions<T, R> {
  /** Items of one run, at most. */
  readonly most: number;
  /** How long the first item of a batch waits for others, in milliseconds. */
  readonly wait: number;
  /** Gives a result for each item, in their order. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs items that come one by one in batches: as soon as a batch is full, or its first item has waited long enough. One batch
 * runs at a time; what comes meanwhile makes up the next one, which starts at once.
 */
export class Batcher<T, R> {
  readonly #options: BatcherOptions<T, R>;
  readonly #queue: Waiting<T, R>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(options: BatcherOptions<T, R>) {
    this.#options = options;
  }

  /** Items that wait for a batch of theirs to start. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** The item's result. Rejects if the run of its batch fails; other batches go on. */
  submit(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, resolve, reject });
      if (this.#running) return;
      if (this.#queue.length >= this.#options.most) void this.#start();
      else this.#timer ??= setTimeout(() => void this.#start(), this.#options.wait);
    });
  }

  async #start(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = true;
    while (this.#queue.length > 0) await this.#runBatch(this.#queue.splice(0, this.#options.most));
    this.#running = false;
  }

  async #runBatch(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
