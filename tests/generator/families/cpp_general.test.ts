import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GENERAL_FILE, generalKernel } from '../../../generator/families/cpp_general.js';
import { GENERAL_KERNEL } from '../../../generator/families/general_name.js';
import { packagePath } from '../../../generator/package.js';

it('is what generated/ holds and the addon compiles in', () => {
  expect(readFileSync(packagePath('generated', GENERAL_FILE), 'utf8')).toBe(generalKernel());
  expect(readFileSync(packagePath('CMakeLists.txt'), 'utf8')).toContain(`generated/${GENERAL_FILE}`);
});

it('says where it comes from and exports its name', () => {
  expect(generalKernel()).toMatch(
    /Do not edit: written by `oriented1d library refresh` from templates\/cpp\//,
  );
  expect(generalKernel()).toContain(`const O1dKernel ${GENERAL_KERNEL} =`);
});
