import { render } from '../template.js';
import { GENERAL_KERNEL } from './general_name.js';

/** Below generated/; CMakeLists.txt compiles it into the addon. */
export const GENERAL_FILE = `general/${GENERAL_KERNEL}.cpp`;

const TEMPLATE = 'cpp/general_fprop.cpp.hbs';

/** The general kernel's text: fprop, float32, both layouts. `library refresh` writes it to {@link GENERAL_FILE}. */
export function generalKernel(): string {
  return render(TEMPLATE, {
    abi: 1,
    name: GENERAL_KERNEL,
    template: TEMPLATE,
    command: 'oriented1d library refresh',
    // Sums held in registers at once: 64 floats are 8 AVX registers; the rest is for groups that 64 does not divide.
    blocks: [64, 32, 8, 4, 1],
    // 16 rows of a 56-wide plane and the rows around them that K = 31 reads stay within 32 KiB.
    bandRows: 16,
  });
}
