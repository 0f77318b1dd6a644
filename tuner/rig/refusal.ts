import { DeviceError } from '../../runtime/errors.js';
import type { Candidate } from '../candidate.js';
import type { Build } from './rig.js';

/** A compiler's word on one candidate. @throws the error if it says nothing of the source */
export function refusal(candidate: Candidate, error: unknown): Build {
  if (!isRefusal(error)) throw error;
  return { kind: 'refused', candidate, reason: error.rule };
}

export function isRefusal(error: unknown): error is DeviceError {
  return error instanceof DeviceError && error.code === 'compile';
}
