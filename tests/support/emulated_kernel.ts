import {
  CUDA_GENERAL_KERNELS,
  cudaGeneralKernel,
  cudaGeneralLaunch,
} from '../../generator/families/cuda_general.js';
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

/** The general kernel of fprop or dgrad. */
export function emulatedGeneral(op: 'fprop' | 'dgrad', run: KernelRun): EmulatedRun {
  const { tables, argument } = emulatedShape(run.problem);
  const launch = cudaGeneralLaunch(op, run.problem);
  const general = kernelRun(CUDA_GENERAL_KERNELS[op], cudaGeneralKernel(op), launch, run, `, ${argument}`);
  return { ...general, inputs: { ...general.inputs, ...tables } };
}

/** A problem's shape as a general kernel's argument, and the inputs that it names. */
export function emulatedShape(problem: Problem) {
  const { layout, channels, height, width, stride, kernel, first, dy, dx } = shape(problem);
  const numbers = [layout, channels, height, width, stride, kernel, first.length - 1];
  return {
    tables: { first: { data: first }, dy: { data: dy }, dx: { data: dx } },
    argument: `{${numbers.join(', ')}, first, dy, dx}`,
  };
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
        args: `input, packed, output, ${batch}${launch.inputMap ? `, ${emulatedMap(launch.inputMap, 'input', batch)}` : ''}${last}`,
        ...grid,
        sharedBytes: launch.sharedBytes,
        firstBlock: kernelGrid(launch, lead).blocks,
      },
    ],
  };
}

/** A tensor map as an emulated kernel takes it. */
export function emulatedMap(
  { sizes, box, steps, swizzled }: TensorMap,
  tensor: string,
  last: number,
): string {
  const lists = [[...sizes, last], box, ...(steps ? [steps] : [])];
  const map = `emulated::tensor_map(${[tensor, ...lists.map((list) => `{${list.join(', ')}}`)].join(', ')})`;
  return swizzled ? `emulated::swizzled(${map})` : map;
}
