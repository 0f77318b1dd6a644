import { stemPlan } from '../../../generator/operations/cuda/stem_plan.js';
import { hasTf32 } from '../../../generator/target.js';
import type { CudaDevice } from '../../cuda/device.js';
import { type Freeable, keepingAsync, type Lend, lender } from '../../cuda/lend.js';
import type { CudaTensor } from '../../cuda/tensor.js';
import { DeviceError } from '../../errors.js';
import { requireSound } from '../check.js';
import type { Executable } from '../executable.js';
import { executableOf, type Opened } from '../executable_of.js';
import type { Fusion, Plan } from '../plan.js';
import type { PlanOptions } from '../plan_options.js';
import type { ProductType } from '../product_type.js';
import { bindSteps, type Views } from './bind_steps.js';
import { kernelsOf } from './kernels.js';
import { layoutOf } from './layout_of.js';
import { planBytes, requireMemory, WORKSPACE_BYTES } from './memory.js';
import type { Multiplier } from './product_way.js';
import { profileSteps, timeRuns } from './profile_steps.js';

/**
 * What goes with a product, where there is cuBLASLt to hold ours against: GELU. What goes with a convolution, where a block has
 * room for the pixels that its outputs read: the pointwise one before it. Planes are for TF32: cuBLASLt adds to rows
 * and writes rows, and only by tensor cores do kernels of ours keep up with it.
 */
export async function cudaFusion(
  { blas, sharedBytes, target }: Pick<CudaDevice, 'blas' | 'sharedBytes' | 'target'>,
  { products = 'fp32', library }: Pick<CudaPlanOptions, 'products' | 'library'>,
): Promise<Fusion> {
  const hasBlas = (await blas()) !== undefined;
  const addsToPlanes = hasBlas && products === 'tf32' && hasTf32(target.arch);
  return Object.freeze<Fusion>({
    normIntoProduct: false,
    geluIntoProduct: hasBlas,
    pointwiseIntoConvolution: (stem) => stemPlan(stem, sharedBytes) !== undefined,
    layoutOf: (convolution) => (addsToPlanes ? layoutOf(convolution, target, library) : 'nhwc'),
  });
}

export interface CudaPlanOptions extends PlanOptions {
  /**
   * What matrices are multiplied in: float32 unless given. By cuBLASLt, or in TF32 by a kernel of ours where that is faster, or
   * where planes are added to or written. Without cuBLASLt, in float32 by a kernel of ours. A stem is computed in TF32, too,
   * where tensor cores have it.
   */
  readonly products?: ProductType;
}

/**
 * A plan on a GPU: its kernels loaded, parameters in place, and steps bound to one arena and captured in one graph.
 * @throws PlanError if the plan does not hold together
 * @throws ProblemError if it was made for a device that fuses what this one does not
 * @throws DeviceError if a kernel cannot be had, or there is not so much memory
 */
export async function openCudaPlan(
  plan: Plan,
  device: CudaDevice,
  { products = 'fp32', ...options }: CudaPlanOptions,
): Promise<Executable> {
  requireSound(plan);
  const multiplies = plan.steps.some(
    (step) => step.kind === 'operation' && step.operation.kind === 'product',
  );
  const blas = multiplies ? await device.blas() : undefined;
  if (multiplies && !blas && products === 'tf32') throw blasMissing();
  const bytes = planBytes(plan, blas ? WORKSPACE_BYTES : 0);
  requireMemory(plan, bytes, device);
  const held: Freeable[] = [];
  return keepingAsync({ free: () => freeAll(held) }, async ({ free }) => {
    const lend = lender(held);
    const view = arenaViews(plan, lend(device.tensor(plan.arena.elements)), device);
    const tf32 = products === 'tf32';
    const multiplier = blas && { blas, ...workspaceOf(device, lend), tf32 };
    const kernels = await kernelsOf(plan.steps, device, { ...options, multiplier, tf32 });
    const steps = await bindSteps(plan, kernels, view, lend);
    const all = device.graph(steps.map(({ launch }) => launch));
    return executableOf(plan, {
      bytes: bytes.arena + bytes.fixed,
      run: runner(plan, device, view, all.run),
      time: (runs) => timeRuns(all, device, runs),
      profile: (rounds) => profileSteps(steps, all, device, rounds),
      close: free,
    });
  });
}

function runner(plan: Plan, device: CudaDevice, view: Views, launch: () => void): Opened['run'] {
  const input = view(plan.images);
  const outputs = plan.outputs.map(({ name, buffer }) => ({ name, tensor: view(buffer) }));
  return async (images) => {
    await device.uploadAsync(input, images);
    launch();
    const results = new Map<string, Float32Array<ArrayBuffer>>();
    for (const { name, tensor } of outputs) {
      const array = new Float32Array(tensor.length);
      await device.downloadAsync(tensor, array);
      results.set(name, array);
    }
    return results;
  };
}

function arenaViews({ arena: { offsets } }: Plan, arena: CudaTensor, device: CudaDevice): Views {
  return (buffer) => device.part(arena, offsets.get(buffer)!, buffer.elements);
}

function workspaceOf(device: CudaDevice, lend: Lend): Pick<Multiplier, 'workspace'> {
  return { workspace: lend(device.tensor(WORKSPACE_BYTES / 4)) };
}

function freeAll(held: readonly Freeable[]): void {
  for (const owner of held) owner.free();
}

function blasMissing(): DeviceError {
  return new DeviceError('system', {
    code: 'blas-missing',
    value: 'tf32',
    rule: 'matrices are multiplied in TF32 by cuBLASLt, which was not found',
    remedy: 'pip install nvidia-cublas, set CUDA_HOME to a CUDA toolkit, or multiply in fp32',
  });
}
