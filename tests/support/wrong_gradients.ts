import { inputElements, isGradient, outputElements, weightsOf } from '../../generator/problem.js';
import type { Schedule } from '../../generator/schedule.js';
import { source } from '../../generator/source.js';
import { emulatedGradient, emulatedGradients } from './emulated_gradient.js';
import { emulatedKernel } from './emulated_kernel.js';
import { type EmulatedRun, emulate } from './emulation.js';
import { dgradFormula, wgradFormula } from './formula.js';
import { difference, wholeNumbers } from './numbers.js';

/** A kernel of wgrad, backward or dgrad as it is run, and what it has to write, piece by piece. */
interface Case {
  readonly name: string;
  readonly run: EmulatedRun;
  compare(output: Float32Array): Readonly<Record<string, string | undefined>>;
}

/**
 * Emulates kernels of gradients.
 * @param lead images before the first one that are left out, for each kernel; a multiple of the images a block
 * @returns of each kernel that is not the formula, its name and where it differs
 */
export async function wrongGradients(
  kernels: readonly Schedule[],
  lead: (kernel: Schedule) => number = () => 0,
): Promise<readonly unknown[]> {
  const cases = kernels.map((kernel, i) => caseOf(kernel, lead(kernel), i % 3 === 0));
  const outputs = await emulate(cases.map(({ run }) => run));
  return cases.flatMap(({ name, compare }, i) => {
    const found = Object.entries(compare(outputs[i]!)).filter(([, where]) => where !== undefined);
    return found.length > 0 ? [[name, ...found]] : [];
  });
}

function caseOf(kernel: Schedule, lead: number, resid: boolean): Case {
  const p = kernel.problem;
  const weight = wholeNumbers(p.channels * weightsOf(p), 2);
  const input = wholeNumbers(inputElements(p), 1);
  const { name } = kernel;
  if (!isGradient(p)) {
    const operands = { input, weight, resid };
    const run = emulatedKernel(source(kernel), { problem: p, operands, lead });
    return { name, run, compare: (output) => ({ dx: difference(output, dgradFormula(p, operands)) }) };
  }
  const grad = wholeNumbers(outputElements(p), 4);
  const compare = (output: Float32Array) => {
    const { inputGrad, weightGrad, biasGrad } = emulatedGradients(p, output);
    const expected = wgradFormula(p, { input, grad });
    return {
      dw: difference(weightGrad, expected.weightGrad),
      db: difference(biasGrad, expected.biasGrad),
      dx:
        p.op === 'backward'
          ? difference(inputGrad, dgradFormula(p, { input: grad, weight, resid }))
          : undefined,
    };
  };
  return {
    name,
    run: emulatedGradient(source(kernel), { problem: p, input, grad, weight, resid, lead }),
    compare,
  };
}
