import { type Complaint, OrientedError } from '../generator/errors.js';

/** A device, compiler, cache, kernel binary or array that cannot be used as asked. */
export class DeviceError extends OrientedError {
  readonly fault: 'user' | 'system';

  constructor(fault: 'user' | 'system', complaint: Complaint) {
    super(complaint);
    this.fault = fault;
  }
}
