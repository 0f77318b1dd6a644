import { OPS, type Op, type Problem, problem } from '../../generator/problem.js';
import type { CudaDevice } from '../../runtime/cuda/device.js';
import type { CudaLaunch } from '../../runtime/cuda/launch.js';
import type { Freeable } from '../../runtime/cuda/lend.js';
import type { CudaTensor } from '../../runtime/cuda/tensor.js';
import { loadOnCuda } from '../../tuner/trial/cuda_kernel.js';
import { cudaCopies, fillSets, setCount } from '../../tuner/trial/cuda_sets.js';
import { cudaVerifier } from '../../tuner/trial/cuda_verifier.js';
import type { Operands } from '../../tuner/trial/operands.js';
import type { TensorSet } from '../../tuner/trial/tensors.js';
import { mean } from '../cuda_stage.js';
import { parametersOf } from '../parameters.js';
import type { Sampler } from '../rounds.js';
import { type Cell, cellProblem } from './cell.js';
import { packing } from './cuda_packing.js';
import { wall } from './cuda_wall.js';
import { type FirstImages, firstImages, layerOperands } from './expected.js';
import { cudaMean } from './mean.js';
import type { LayerActs, LayerKernels, TableStage } from './stage.js';
import { type CellTensors, IMAGES, stepTensors, tensorsFor } from './tensors.js';
import { requireRight } from './wrong_kernel.js';

/** Of the free memory, for the two tensors of fprop that sets are counted by; they have five, and peers want some, too. */
const SHARE = 0.15;

/** Files of kernels that are no convolutions, compiled. */
export interface CudaHelpers {
  readonly mean: string;
  readonly inspection: string;
}

type Tensors = CellTensors<CudaTensor>;

/** What a stage is made of. */
interface Scene {
  /** Its tensors are the stage's. */
  readonly device: CudaDevice;
  readonly helpers: CudaHelpers;
  readonly sets: readonly Tensors[];
  readonly first: FirstImages;
  readonly own: <T extends Freeable>(one: T) => T;
}

/** Operations are graphs of one launch on each set, steps are launched one by one, as eager PyTorch does. */
export function cudaTableStage(given: CudaDevice, cell: Cell, helpers: CudaHelpers): TableStage {
  const owned: Freeable[] = [];
  const own: Scene['own'] = (one) => {
    owned.push(one);
    return one;
  };
  const device: CudaDevice = { ...given, tensor: (length) => own(given.tensor(length)) };
  const forward = cellProblem(cell, 'fprop');
  const first = firstImages(forward);
  const sets = setsOf(device, forward, first);
  const scene: Scene = { device, helpers, sets, first, own };
  const meanOf = cudaMean(device, helpers.mean, device.tensor);
  const means = sets.map((set) => meanOf(set.y, device.tensor(1)));
  return {
    sets: sets.length,
    load: (kernels) => layerActs(scene, kernels, means),
    copy(floor) {
      const op = floor === 'pass' ? 'fprop' : 'backward';
      const tensors = sets.map((set) => tensorsFor(op, set));
      return mean(device, cudaCopies(device, cellProblem(cell, op), tensors, device.tensor));
    },
    close() {
      for (const one of owned) one.free();
    },
  };
}

function setsOf(device: CudaDevice, forward: Problem, first: FirstImages): readonly Tensors[] {
  const { batch, channels, kernel, height, width } = forward;
  const count = setCount(forward, device.l2Bytes, SHARE * device.memory().freeBytes);
  const sets = Array.from({ length: count }, (): Tensors => {
    const images = IMAGES.map((name) => [name, device.tensor(batch * channels * height * width)]);
    const sums = { dw: device.tensor(channels * kernel), db: device.tensor(channels) };
    return { ...(Object.fromEntries(images) as Pick<Tensors, (typeof IMAGES)[number]>), ...sums };
  });
  const backward = problem({ ...forward, op: 'backward' });
  const read = { input: first.x, grad: first.dy } as TensorSet<Float32Array>;
  fillSets(
    device,
    backward,
    sets.map((set) => tensorsFor('backward', set)),
    read,
  );
  return sets;
}

function layerActs(
  scene: Scene,
  kernels: LayerKernels,
  means: readonly (readonly CudaLaunch[])[],
): LayerActs {
  const { device, sets } = scene;
  const operands = layerOperands(kernels.fprop.problem, scene.first);
  const all = Object.fromEntries(OPS.map((op) => [op, loaded(scene, kernels, op, operands[op])])) as Record<
    Op,
    Loaded
  >;
  const step = (gradient: 'wgrad' | 'backward') =>
    wall(
      device,
      sets.map(({ meanGrad }, i) => [
        ...all.fprop.pack,
        all.fprop.launches[i]!,
        ...means[i]!,
        device.fill(meanGrad, 1 / meanGrad.length),
        ...all[gradient].pack,
        all[gradient].stepLaunches[i]!,
      ]),
    );
  const alone = (op: Op) => mean(device, all[op].launches);
  return {
    step: step('wgrad'),
    full: step('backward'),
    ...(Object.fromEntries(OPS.map((op) => [op, alone(op)])) as Record<Op, Sampler>),
  };
}

/** An operation of a layer, on every set. */
interface Loaded {
  readonly launches: readonly CudaLaunch[];
  /** With the gradient of the mean for dy. */
  readonly stepLaunches: readonly CudaLaunch[];
  /** Packs the weights, as each step does that has changed them; none where there are no weights. */
  readonly pack: readonly CudaLaunch[];
}

function loaded(
  { device, helpers, sets, own }: Scene,
  kernels: LayerKernels,
  op: Op,
  operands: Operands,
): Loaded {
  const contestant = kernels[op === 'dgrad' ? 'fprop' : op];
  const asked = problem({ ...contestant.problem, op });
  const { bind } = own(loadOnCuda(device, asked, contestant, parametersOf(asked)));
  const bound = (all: readonly Tensors[]) => all.map((set) => bind(tensorsFor(op, set)));
  const launches = bound(sets);
  const verify = cudaVerifier(device, helpers.inspection, asked, operands);
  const tensors = sets.map((set) => tensorsFor(op, set));
  requireRight(
    contestant.kernel,
    verify((set) => launches[set]!.run(), tensors),
  );
  const isGradient = op === 'wgrad' || op === 'backward';
  const stepLaunches = isGradient ? bound(sets.map(stepTensors)) : launches;
  return { launches, stepLaunches, pack: packing(device, asked, contestant) };
}
