import { existsSync } from 'node:fs';
import { openStoreToRead, type Store } from '../tuner/store/store.js';
import { CliError } from './errors.js';

/** Where trials are kept unless --db says otherwise: in the folder that the command runs in. */
export const DEFAULT_DB = 'oriented1d.db';

/**
 * Opens a database that is there, to read it: it need not be writable, and must not be an empty one, made at that moment.
 * @throws CliError if there is none, StoreError
 */
export function openExisting(db: string): Store {
  if (existsSync(db)) return openStoreToRead(db);
  throw new CliError({
    code: 'database-missing',
    value: db,
    rule: 'there is no such database of trials',
    remedy: 'name one with --db, or tune first, for example `oriented1d tune table5 --budget 60s`',
  });
}
