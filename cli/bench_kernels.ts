import { availableParallelism } from 'node:os';
import type { Contestant } from '../bench/stage.js';
import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { parseKernelName } from '../generator/schedule.js';
import { type Source, source } from '../generator/source.js';
import { computedAs } from '../generator/transpose.js';
import { compile, compilerFlags, findCompiler } from '../runtime/compiler.js';
import { compileCuda, findCudaCompiler } from '../runtime/cuda/compiler.js';
import { sideBySide } from '../runtime/side_by_side.js';
import type { Device } from './device.js';
import { CliError } from './errors.js';
import type { Tuned } from './tuning.js';

/**
 * The tuned kernels of problems, or of those that they are computed as, compiled side by side.
 * @throws CliError if one has none, DeviceError
 */
export function contestants(
  problems: readonly Problem[],
  tuned: Tuned,
  device: Device,
): Promise<readonly Contestant[]> {
  return sideBySide(problems, availableParallelism(), async (problem) => {
    const made = source(parseKernelName(winnerOf(problem, tuned), device.target));
    const path = await compiled(made, device);
    return { problem, kernel: made.name, path, ...(made.launch && { launch: made.launch }) };
  });
}

function winnerOf(problem: Problem, { results }: Tuned): string {
  const name = problemName(computedAs(problem));
  const winner = results.find((result) => problemName(result.problem) === name)?.winner;
  if (winner) return winner.trial.kernel;
  throw new CliError({
    code: 'no-winner',
    value: problemName(problem),
    rule: 'no kernel of this problem passed its trial',
    remedy: 'give the tuning more --budget',
  });
}

/** By this machine's compiler, which there is: without one neither a tuning nor a choice of kernels begins. */
export async function compiled({ name, text }: Source, { target }: Device): Promise<string> {
  switch (target.kind) {
    case 'cpu': {
      const compiler = (await findCompiler())!;
      return compile(compiler, { name, text, flags: compilerFlags(compiler, target.isa) });
    }
    case 'cuda':
      return compileCuda((await findCudaCompiler())!, { name, text, arch: target.arch });
    default:
      return target satisfies never;
  }
}
