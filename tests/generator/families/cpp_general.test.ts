import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generalFile, generalKernel } from '../../../generator/families/cpp_general.js';
import { GENERAL_KERNELS } from '../../../generator/families/general_name.js';
import { packagePath } from '../../../generator/package.js';

describe.each(['fprop', 'dgrad', 'wgrad'] as const)('the general kernel for %s', (op) => {
  it('is what generated/ holds and the addon compiles in', () => {
    expect(readFileSync(packagePath('generated', generalFile(op)), 'utf8')).toBe(generalKernel(op));
    expect(readFileSync(packagePath('CMakeLists.txt'), 'utf8')).toContain(`generated/${generalFile(op)}`);
  });

  it('says where it comes from and exports its name', () => {
    expect(generalKernel(op)).toMatch(
      /Do not edit: written by `oriented1d library refresh` from templates\/cpp\//,
    );
    expect(generalKernel(op)).toContain(
      `const ${op === 'wgrad' ? 'O1dGradient' : 'O1dKernel'} ${GENERAL_KERNELS[op]} =`,
    );
  });
});
