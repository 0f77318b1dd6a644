/** An item in a worker's hands. */
export interface Handed<W> {
  readonly worker: W;
  /** The worker's place among the workers. */
  readonly number: number;
  /** The item's place among the items. */
  readonly index: number;
  /** Items that come to each worker from now on, this one included, if all take as long. */
  readonly rounds: number;
}

/**
 * Hands items out to workers in order, the next to whoever gets free first. When a worker fails, the others end what they
 * have in hand.
 * @param signal no item is handed out after it
 * @param action gets a signal that is aborted with this one, or when another worker has failed
 * @throws what the first worker that failed threw, when all have ended
 */
export async function handOut<T, W>(
  items: readonly T[],
  workers: readonly W[],
  signal: AbortSignal,
  action: (item: T, handed: Handed<W>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const width = workers.length;
  const queue = items.entries();
  const work = async (worker: W, number: number) => {
    for (const [index, item] of queue) {
      if (either.aborted) return;
      const rounds = Math.ceil(items.length / width) - Math.floor(index / width);
      await action(item, { worker, number, index, rounds }, either);
    }
  };
  const ends = workers.map((worker, number) =>
    work(worker, number).catch((error: unknown) => {
      if (!failure.signal.aborted) failure.abort(error);
    }),
  );
  await Promise.all(ends);
  if (failure.signal.aborted) throw failure.signal.reason;
}
