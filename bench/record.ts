import { writeFileSync } from 'node:fs';
import { openStoreToRead } from '../tuner/store/store.js';
import { replayRecord } from './replay_record.js';

/** Writes a database's record: `node dist/bench/record.js DATABASE OUT.json`. */
const [database, out] = process.argv.slice(2);
const store = openStoreToRead(database!);
writeFileSync(out!, replayRecord(store));
store.close();
