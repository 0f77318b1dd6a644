import { OrientedError } from '../generator/errors.js';

/** What we are measured against broke down. */
export class BenchError extends OrientedError {
  readonly fault = 'system';
}
