import { type Complaint, OrientedError } from '../generator/errors.js';

type Fault = OrientedError['fault'];

/** Tuning that cannot be done as it was asked for (`user`), or that broke down on the way (`system`). */
export class TunerError extends OrientedError {
  readonly fault: Fault;

  constructor(complaint: Complaint, fault: Fault = 'user') {
    super(complaint);
    this.fault = fault;
  }
}

/** A database of trials that cannot be opened, read or written. */
export class StoreError extends TunerError {}
