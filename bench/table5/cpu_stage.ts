import { OPS, type Op, type Problem, problem } from '../../generator/problem.js';
import type { Parameters } from '../../runtime/convolution.js';
import type { CpuDevice } from '../../runtime/cpu.js';
import { tensor } from '../../runtime/tensor.js';
import { cpuCopies, cpuSetCount, repeat } from '../../tuner/trial/cpu_sets.js';
import { verified } from '../../tuner/trial/cpu_workload.js';
import type { Operands } from '../../tuner/trial/operands.js';
import { mean } from '../cpu_stage.js';
import { parametersOf } from '../parameters.js';
import { type Cell, cellProblem } from './cell.js';
import { type FirstImages, firstImages, layerOperands } from './expected.js';
import { cpuMean } from './mean.js';
import type { Measure } from './measure.js';
import type { LayerKernels, TableStage } from './stage.js';
import { type CellTensors, IMAGES, stepTensors, tensorsFor } from './tensors.js';
import { requireRight } from './wrong_kernel.js';

type Run = () => void;
type Tensors = CellTensors<Float32Array>;

/** @param meanKernel file of the compiled kernel of the mean */
export function cpuTableStage(device: CpuDevice, cell: Cell, meanKernel: string): TableStage {
  const forward = cellProblem(cell, 'fprop');
  const first = firstImages(forward);
  const sets = setsOf(forward, first);
  const meanOf = cpuMean(device, meanKernel, forward);
  const means = sets.map((set) => meanOf(set.y, new Float32Array(cell.channels)));
  return {
    sets: sets.length,
    load(kernels) {
      const operands = layerOperands(kernels.fprop.problem, first);
      const parts = (op: Op) => loaded(device, kernels, op, sets, operands[op]);
      const all = Object.fromEntries(OPS.map((op) => [op, parts(op)])) as Record<Op, Loaded>;
      const step = (gradient: 'wgrad' | 'backward') =>
        sets.map((set, i) => () => {
          all.fprop.pack();
          all.fprop.runs[i]!();
          means[i]!();
          set.meanGrad.fill(1 / set.meanGrad.length);
          if (gradient === 'backward') all.backward.pack();
          all[gradient].stepRuns[i]!();
        });
      const runs: Readonly<Record<Measure, readonly Run[]>> = {
        step: step('wgrad'),
        full: step('backward'),
        fprop: all.fprop.runs,
        dgrad: all.dgrad.runs,
        wgrad: all.wgrad.runs,
        backward: all.backward.runs,
      };
      return Object.fromEntries(Object.entries(runs).map(([measure, own]) => [measure, mean(own)])) as never;
    },
    copy(floor) {
      const op = floor === 'pass' ? 'fprop' : 'backward';
      return mean(
        cpuCopies(
          device,
          cellProblem(cell, op),
          sets.map((set) => tensorsFor(op, set)),
        ),
      );
    },
    close() {}, // the collector's
  };
}

function setsOf(forward: Problem, first: FirstImages): readonly Tensors[] {
  const { batch, channels, kernel, height, width } = forward;
  return Array.from({ length: cpuSetCount(forward) }, () => {
    const images = Object.fromEntries(
      IMAGES.map((name) => [name, tensor(batch * channels * height * width)]),
    ) as Record<(typeof IMAGES)[number], Float32Array>;
    for (const name of ['x', 'dy'] as const) repeat(images[name], first[name]);
    return { ...images, dw: tensor(channels * kernel), db: tensor(channels) };
  });
}

/** An operation of a layer, on every set. */
interface Loaded {
  readonly runs: readonly Run[];
  /** With the gradient of the mean for dy. */
  readonly stepRuns: readonly Run[];
  /** Packs the weights, as each step does that has changed them. */
  readonly pack: Run;
}

function loaded(
  device: CpuDevice,
  kernels: LayerKernels,
  op: Op,
  sets: readonly Tensors[],
  operands: Operands,
): Loaded {
  const { problem: layer, path, kernel } = kernels[op === 'dgrad' ? 'fprop' : op];
  const asked = problem({ ...layer, op });
  const parameters = parametersOf(asked);
  const { prepare } =
    op === 'wgrad' || op === 'backward'
      ? device.loadGradientBinary(asked, path, kernel)
      : device.loadBinary(asked, path, kernel);
  const pack = () => prepare(parameters as Parameters);
  const prepared = pack() as { bind(set: object): { readonly run: Run } };
  const bound = (all: readonly Tensors[]) => all.map((set) => prepared.bind(tensorsFor(op, set)).run);
  const runs = bound(sets);
  const own = sets.map((set) => tensorsFor(op, set));
  requireRight(
    kernel,
    verified(asked, own, (set) => runs[set]!(), operands),
  );
  const isGradient = op === 'wgrad' || op === 'backward';
  return { runs, stepRuns: isGradient ? bound(sets.map(stepTensors)) : runs, pack };
}
