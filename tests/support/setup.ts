import fc from 'fast-check';
import { seedFrom } from './seed.js';

// Before each file of tests. A property that fails tells its seed.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: seedFrom(process.env) });
