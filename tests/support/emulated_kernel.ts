import {
  CUDA_GENERAL_KERNELS,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../generator/families/cuda_general.js';
import type { GeneralOp } from '../../generator/families/general_name.js';
import { kernelGrid, type LaunchPlan, packGrid, type TensorMap } from '../../generator/launch.js';
import { inputElements, outputElements, type Problem } from '../../generator/problem.js';
import type { Source } from '../../generator/source.js';
import { shape } from '../../runtime/shape.js';
import type { EmulatedRun } from './emulation.js';
import type { Operands } from './formula.js';

/** A problem's run: operands of its own batch, and images before them that are left out, to reach far offsets. */
export interface KernelRun {
  readonly problem: Problem;
  readonly operands: Operands;
  /** A multiple of the images a block. */
  readonly lead?: number;
}

/** The kernel that a family emitted: packs the weights, then convolves. */
export function emulatedKernel({ name, text, launch }: Source, run: KernelRun): EmulatedRun {
  const declarations = [
    `extern "C" void ${name}(const float*, const float*, float*, int${launch?.inputMap ? ', TensorMap' : ''});`,
    `extern "C" void ${name}_pack(const float*, const float*, float, float*);`,
  ];
  return kernelRun(name, [text, ...declarations].join('\n'), launch!, run, '');
}

/** An operation's general kernel. */
export function emulatedGeneral(op: GeneralOp, run: KernelRun): EmulatedRun {
  const { layout, channels, height, width, stride, kernel, first, dy, dx } = shape(run.problem);
  const numbers = [layout, channels, height, width, stride, kernel, first.length - 1];
  const launch = cudaGeneralLaunch(op, run.problem);
  const general = kernelRun(
    CUDA_GENERAL_KERNELS[op],
    cudaGeneralKernel(op),
    launch,
    run,
    `, {${numbers.join(', ')}, first, dy, dx}`,
  );
  const tables = { first: { data: first }, dy: { data: dy }, dx: { data: dx } };
  return { ...general, inputs: { ...general.inputs, ...tables } };
}

/** @param last arguments behind those that all kernels have */
function kernelRun(
  name: string,
  text: string,
  launch: LaunchPlan,
  run: KernelRun,
  last: string,
): EmulatedRun {
  const { problem, operands, lead = 0 } = run;
  const { input, weight, bias, resid } = operands;
  const image = {
    input: inputElements(problem) / problem.batch,
    output: outputElements(problem) / problem.batch,
  };
  const batch = lead + problem.batch;
  const grid = kernelGrid(launch, batch);
  return {
    text,
    inputs: {
      input: { data: input, lead: lead * image.input },
      weight: { data: weight },
      ...(bias && { bias: { data: bias } }),
    },
    scratch: { packed: launch.packedFloats },
    output: { length: outputElements(problem), lead: lead * image.output },
    launches: [
      {
        kernel: `${name}_pack`,
        args: `weight, ${bias ? 'bias' : 'nullptr'}, ${resid ? 1 : 0}, packed${last}`,
        ...packGrid(launch),
        sharedBytes: 0,
      },
      {
        kernel: name,
        args: `input, packed, output, ${batch}${launch.inputMap ? mapArgument(launch.inputMap, batch) : ''}${last}`,
        ...grid,
        sharedBytes: launch.sharedBytes,
        firstBlock: kernelGrid(launch, lead).blocks,
      },
    ],
  };
}

function mapArgument({ sizes, box }: TensorMap, batch: number): string {
  return `, emulated::tensor_map(input, {${[...sizes, batch].join(', ')}}, {${box.join(', ')}})`;
}
