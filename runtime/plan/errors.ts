import { OrientedError } from '../../generator/errors.js';

/** A plan that does not hold together: a defect of ours. */
export class PlanError extends OrientedError {
  readonly fault = 'system';
}
