import { kernelGrid, type LaunchPlan, packGrid, partialFloats, reduceGrid } from '../../generator/launch.js';
import { inputElements, outputElements, type Problem, weightsOf } from '../../generator/problem.js';
import type { Source } from '../../generator/source.js';
import { emulatedMap } from './emulated_kernel.js';
import type { EmulatedLaunch, EmulatedRun } from './emulation.js';

/** A gradient's run: operands of its own batch, and images before them that are left out, to reach far offsets. */
export interface GradientRun {
  readonly problem: Problem;
  readonly input: Float32Array;
  readonly grad: Float32Array;
  readonly weight: Float32Array;
  readonly resid?: boolean;
  /** A multiple of the images a block. */
  readonly lead?: number;
}

/** What a run wrote. */
export interface EmulatedGradients {
  /** Of wgrad: empty. */
  readonly inputGrad: Float32Array;
  readonly weightGrad: Float32Array;
  readonly biasGrad: Float32Array;
}

/**
 * The kernel of wgrad or backward that a family emitted. It is launched twice, since it has to leave its counters as it
 * found them; only the second time writes what is compared. The first one's dy is no numbers, and so are its partial sums.
 */
export function emulatedGradient({ name, text, launch }: Source, run: GradientRun): EmulatedRun {
  const { problem, input, grad, weight, resid, lead = 0 } = run;
  const { channels, batch } = problem;
  const both = problem.op === 'backward';
  const image = { x: inputElements(problem) / batch, dy: outputElements(problem) / batch };
  const written = both ? inputElements(problem) : 0;
  const before = both ? lead * image.x : 0;
  const sums = channels * (weightsOf(problem) + 1);
  const { inputMap, gradMap } = launch!;
  const last = [inputMap, gradMap].map((map) => (map ? ', TensorMap' : '')).join('');
  const declarations = [
    `extern "C" void ${name}(const float*, const float*, const float*, float*, float*, float*, float*, int${last});`,
    ...(both ? [`extern "C" void ${name}_pack(const float*, const float*, float, float*);`] : []),
    ...(launch!.partial!.reduction
      ? [`extern "C" void ${name}_reduce(const float*, float*, float*, int);`]
      : []),
  ];
  const reduction = reduceGrid(launch!, lead + batch);
  const sumsIn = 'reinterpret_cast<float*>(const_cast<int*>(partial))';
  const weightsIn = (output: string) => [
    `${output} + ${before + written}LL`,
    `${output} + ${before + written + channels * weightsOf(problem)}LL`,
  ];
  const launches = (dy: string, output: string): readonly EmulatedLaunch[] => [
    gradientLaunch(dy, output),
    ...(reduction
      ? [
          {
            kernel: `${name}_reduce`,
            args: [sumsIn, ...weightsIn(output), `${lead + batch}`].join(', '),
            ...reduction,
            sharedBytes: 0,
          },
        ]
      : []),
  ];
  const gradientLaunch = (dy: string, output: string): EmulatedLaunch => ({
    kernel: name,
    args: [
      `input, ${dy}`,
      both ? 'packed' : 'nullptr',
      both ? output : 'nullptr',
      ...weightsIn(output),
      sumsIn,
      `${lead + batch}`,
      ...(inputMap ? [emulatedMap(inputMap, 'input', lead + batch)] : []),
      ...(gradMap ? [emulatedMap(gradMap, dy, lead + batch)] : []),
    ].join(', '),
    ...kernelGrid(launch!, lead + batch),
    sharedBytes: launch!.sharedBytes,
    firstBlock: kernelGrid(launch!, lead).blocks,
  });
  return {
    text: [text, ...declarations].join('\n'),
    inputs: {
      input: { data: input, lead: lead * image.x },
      grad: { data: grad, lead: lead * image.dy },
      partial: { data: freshPartial(launch!, batch, lead) },
      ...(both && { weight: { data: weight } }),
    },
    scratch: {
      ...(both && { packed: launch!.packedFloats }),
      ...(lead === 0 && { nothing: grad.length, first: written + sums }),
    },
    output: { length: written + sums, lead: before },
    launches: [
      ...(both
        ? [
            {
              kernel: `${name}_pack`,
              args: `weight, nullptr, ${resid ? 1 : 0}, packed`,
              ...packGrid(launch!),
              sharedBytes: 0,
            },
          ]
        : []),
      ...(lead === 0 ? launches('nothing', 'first') : []),
      ...launches('grad', 'output'),
    ],
  };
}

/** The parts of a run's output. */
export function emulatedGradients(p: Problem, output: Float32Array): EmulatedGradients {
  const written = p.op === 'backward' ? inputElements(p) : 0;
  const weights = written + p.channels * weightsOf(p);
  return {
    inputGrad: output.subarray(0, written),
    weightGrad: output.subarray(written, weights),
    biasGrad: output.subarray(weights),
  };
}

const NAN_BITS = 0x7fc00000;

/**
 * Counters and rows before a launch. The rows of images that are left out count as written, with zeros in them; they come
 * first, and each has its block count once on every counter.
 */
function freshPartial(launch: LaunchPlan, batch: number, lead: number): Int32Array {
  const { fixedFloats, floatsPerGroup } = launch.partial!;
  const groups = lead / launch.images;
  const words = new Int32Array(partialFloats(launch, lead + batch)).fill(NAN_BITS);
  return words.fill(groups, 0, fixedFloats).fill(0, fixedFloats, fixedFloats + groups * floatsPerGroup);
}
