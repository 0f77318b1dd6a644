import { writeFileSync } from 'node:fs';
import { packagePath, VERSION } from '../generator/package.js';
import { machine } from '../runtime/machine.js';
import { openLibrary } from '../runtime/open_library.js';
import { grown, lookupTime } from './lookup.js';

/** Writes what a look-up costs: `node dist/bench/write_lookup.js OUT.json`. */
const LOOKUPS = 1_000_000;
const library = openLibrary(packagePath('generated'));
const results = [library, grown(library, 1000)].map((one) => lookupTime(one, LOOKUPS));
const provenance = {
  version: VERSION,
  measured: new Date().toISOString(),
  machine: machine(),
  unit: 'nanoseconds of one look-up by problem and target; p99 of each timed alone, the clock included',
};
writeFileSync(process.argv[2]!, `${JSON.stringify({ provenance, results }, null, 2)}\n`);
