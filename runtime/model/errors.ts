import { OrientedError } from '../../generator/errors.js';

/** Images that a network cannot take, or a model that is closed. */
export class ModelError extends OrientedError {
  readonly fault = 'user';
}
