import type { Verdict } from '../../tuner/trial/verify.js';
import { BenchError } from '../errors.js';

/** What is wrong is not timed. @throws BenchError */
export function requireRight(kernel: string, { reason }: Verdict): void {
  if (reason === undefined) return;
  throw new BenchError({
    code: 'kernel-wrong',
    value: kernel,
    rule: `it computes something else than the definition: ${reason}`,
    remedy: 'this is a defect of its family; `oriented1d library verify` tells more',
  });
}
