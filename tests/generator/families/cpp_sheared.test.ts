import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../../generator/schedule.js';
import { source } from '../../../generator/source.js';
import { ISAS } from '../../../generator/target.js';
import { addon } from '../../../runtime/addon.js';
import { compile, compilerFlags, findCompiler } from '../../../runtime/compiler.js';
import { openCpu } from '../../../runtime/cpu.js';
import { formula } from '../../support/formula.js';
import { operands, runGuarded } from '../../support/guarded.js';
import { exactDifference, fractions, wholeNumbers } from '../../support/numbers.js';
import { someKernels } from '../../support/sheared_case.js';
import { STRICT } from '../../support/strict.js';
import { temporaryFolder } from '../../support/temporary_folder.js';

const HERE = ISAS.slice(ISAS.indexOf(addon().isa()));
const KERNELS = 9;

describe.each(HERE)('emitted kernels for %s', (isa) => {
  async function built(kernels: readonly Schedule[]): Promise<string> {
    const compiler = (await findCompiler())!;
    const text = kernels.map((kernel) => source(kernel).text).join('\n');
    return await compile(compiler, {
      name: 'several',
      text,
      flags: [...compilerFlags(compiler, isa), ...STRICT],
      folder: temporaryFolder(),
    });
  }

  it('are the formula for random layers and schedules, exactly where float32 is, on any number of threads', async () => {
    const kernels = someKernels(isa, KERNELS, 20231001 + ISAS.indexOf(isa));
    expect(kernels.length).toBe(KERNELS);
    expect(kernels.some(({ params }) => params.prefetch === 2)).toBe(true);
    if (isa === 'avx512') expect(kernels.some(({ params }) => params.stream === 1)).toBe(true);
    const path = await built(kernels);
    const devices = [1, 3].map((threads) => openCpu({ isa, threads }));
    for (const [i, { problem, name }] of kernels.entries()) {
      const given = operands(problem, wholeNumbers, i % 2 === 0, i % 3 === 0);
      const expected = formula(problem, given);
      for (const device of devices) {
        const { output, guards } = runGuarded(device.loadBinary(problem, path, name), given);
        expect(exactDifference(output, expected), name).toBeUndefined();
        expect(guards.every(Number.isNaN), `${name} writes beyond its output`).toBe(true);
      }
    }
  });

  it('round as float32 does', async () => {
    const kernels = someKernels(isa, 4, 5);
    const path = await built(kernels);
    for (const { problem, name } of kernels) {
      const given = operands(problem, fractions, true, true);
      const output = openCpu({ isa, threads: 1 }).loadBinary(problem, path, name).run(given);
      const expected = formula(problem, given);
      const norm = Math.hypot(...expected);
      expect(Math.hypot(...output.map((value, i) => value - expected[i]!)) / norm, name).toBeLessThan(1e-6);
    }
  });
});
