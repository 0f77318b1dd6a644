import { render } from '../template.js';
import { GENERAL_KERNELS, type GeneralOp } from './general_name.js';

/** Where an operation's lies below generated/; CMakeLists.txt compiles it into the addon. */
export function generalFile(op: GeneralOp): string {
  return `general/${GENERAL_KERNELS[op]}.cpp`;
}

/** A general kernel's text: float32, both layouts. `library refresh` writes it to {@link generalFile}. */
export function generalKernel(op: GeneralOp): string {
  const template = `cpp/general_${op}.cpp.hbs`;
  return render(template, {
    abi: 1,
    name: GENERAL_KERNELS[op],
    template,
    command: 'oriented1d library refresh',
    // Sums held in registers at once: 64 floats are 8 AVX registers; the rest is for groups that 64 does not divide.
    blocks: [64, 32, 8, 4, 1],
    // 16 rows of a 56-wide plane and the rows around them that K = 31 reads stay within 32 KiB.
    bandRows: 16,
  });
}
