/** Something on the device that is given back. */
export interface Freeable {
  free(): void;
}

/** Takes note of something that is to be freed, and gives it back. */
export type Lend = <T extends Freeable>(owner: T) => T;

/** Frees what `use` was lent when it ends, whatever happens. */
export function lending<T>(use: (lend: Lend) => T): T {
  const owners: Freeable[] = [];
  try {
    return use(lender(owners));
  } finally {
    for (const owner of owners) owner.free();
  }
}

/** The same once its promise is settled. */
export async function lendingAsync<T>(use: (lend: Lend) => Promise<T>): Promise<T> {
  const owners: Freeable[] = [];
  try {
    return await use(lender(owners));
  } finally {
    for (const owner of owners) owner.free();
  }
}

/** Takes note of all that is to be freed in a list, the caller's to keep. */
export function lender(owners: Freeable[]): Lend {
  return (owner) => {
    owners.push(owner);
    return owner;
  };
}

/** What `use` makes of something on the device, which is given back if that fails. */
export function keeping<O extends Freeable, T>(owner: O, use: (owner: O) => T): T {
  try {
    return use(owner);
  } catch (error) {
    owner.free();
    throw error;
  }
}

/** The same once a promise is rejected. */
export async function keepingAsync<O extends Freeable, T>(
  owner: O,
  use: (owner: O) => Promise<T>,
): Promise<T> {
  try {
    return await use(owner);
  } catch (error) {
    owner.free();
    throw error;
  }
}
