import { expect, it } from 'vitest';
import { addon } from '../../runtime/addon.js';
import { someGradients } from '../support/gradient_case.js';
import { runGradients } from '../support/gradient_program.js';
import { STRICT } from '../support/strict.js';

const KERNELS = 6;

const SANITIZERS = ['-O0', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', ...STRICT];

it('emitted gradient kernels read and write only what is theirs, under the sanitizers', async () => {
  const isa = addon().isa();
  const kernels = someGradients(isa, KERNELS, 42);
  expect(kernels).toHaveLength(KERNELS);
  expect(kernels.some(({ params }) => params.prefetch === 2)).toBe(true);
  expect(new Set(kernels.map(({ problem: { op } }) => op)).size).toBe(3);
  expect(await runGradients(kernels, isa, SANITIZERS)).toBe('all cases ran\n');
});
