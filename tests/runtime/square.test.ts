import { expect, it } from 'vitest';
import { source } from '../../generator/source.js';
import { addon } from '../../runtime/addon.js';
import { compile, compilerFlags, findCompiler } from '../../runtime/compiler.js';
import { openCpu } from '../../runtime/cpu.js';
import { squareProblem } from '../support/arbitrary.js';
import { formula } from '../support/formula.js';
import { someGradients } from '../support/gradient_case.js';
import { runGradients } from '../support/gradient_program.js';
import { operands, runGuarded } from '../support/guarded.js';
import { exactDifference, wholeNumbers } from '../support/numbers.js';
import { someKernels } from '../support/sheared_case.js';
import { temporaryFolder } from '../support/temporary_folder.js';

const ISA = addon().isa();

it('emitted kernels of square filters are the formula for random layers and schedules', async () => {
  const kernels = someKernels(ISA, 6, 11, squareProblem);
  expect(kernels.some(({ problem }) => problem.kernel === 7)).toBe(true);
  const text = kernels.map((kernel) => source(kernel).text).join('\n');
  const compiler = (await findCompiler())!;
  const flags = compilerFlags(compiler, ISA);
  const path = await compile(compiler, { name: 'squares', text, flags, folder: temporaryFolder() });
  for (const [i, { problem, name }] of kernels.entries()) {
    const given = operands(problem, wholeNumbers, i % 2 === 0, i % 3 === 0);
    const { output, guards } = runGuarded(openCpu({ threads: 2 }).loadBinary(problem, path, name), given);
    expect(exactDifference(output, formula(problem, given)), name).toBeUndefined();
    expect(guards.every(Number.isNaN), `${name} writes beyond its output`).toBe(true);
  }
});

it('so are those of their gradients', async () => {
  const kernels = someGradients(ISA, 6, 12, squareProblem);
  expect(new Set(kernels.map(({ problem: { op } }) => op)).size).toBe(3);
  expect(await runGradients(kernels, ISA)).toBe('all cases ran\n');
});
