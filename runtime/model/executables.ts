import { classifierPlan, featuresPlan } from '../convnext/plan.js';
import type { CpuDevice } from '../cpu.js';
import type { CudaDevice } from '../cuda/device.js';
import { DeviceError } from '../errors.js';
import type { ModelOptions } from '../model.js';
import type { Executable } from '../plan/executable.js';
import { turns } from '../turns.js';
import { type FittedWeights, networkName } from '../weights/model/fit_weights.js';
import { ModelError } from './errors.js';
import { type Images, requireExtent } from './images.js';
import { requireRoom } from './room.js';

/** What a plan ends in. */
export type PlanKind = 'classes' | 'features';

export type ImagesExtent = Pick<Images, 'batch' | 'height' | 'width'>;

/** A network's plans on a device, for the sizes of images that came last. */
export interface Executables {
  /** Does something with the one for images of a size, once all that was asked for before is done. */
  use<T>(kind: PlanKind, extent: ImagesExtent, action: (executable: Executable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How many are kept: each has memory of its own for activations and parameters. */
const KEPT = 4;

export function executables(
  weights: FittedWeights,
  device: CpuDevice | CudaDevice,
  options: Omit<ModelOptions, 'weights'>,
): Executables {
  const kept = new Map<string, Executable>();
  const inTurn = turns();
  let closed = false;

  async function prepared(kind: PlanKind, extent: ImagesExtent): Promise<Executable> {
    const { batch, height, width } = extent;
    const key = `${kind} ${batch}x${height}x${width}`;
    const known = kept.get(key);
    kept.delete(key); // to be the latest again
    while (kept.size >= KEPT) closeOldest(); // memory is given back before more is taken
    const executable = known ?? (await roomy(() => made(kind, extent)));
    kept.set(key, executable);
    return executable;
  }

  /** Does it once more without the others where memory is short. */
  async function roomy<T>(make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (cause) {
      if (kept.size === 0 || !isMemoryShort(cause)) throw cause;
      closeAll();
      return make();
    }
  }

  function closeOldest(): void {
    const [key, executable] = kept.entries().next().value!;
    kept.delete(key);
    executable.close();
  }

  function closeAll(): void {
    while (kept.size > 0) closeOldest();
  }

  async function made(kind: PlanKind, { batch, height, width }: ImagesExtent): Promise<Executable> {
    // It brings the templates along, which a program that only runs convolutions need not load.
    const { fusionOf, openPlan } = await import('../plan/open_plan.js');
    const { gelu = 'exact' } = options;
    const spec = { batch, height, width, gelu, fusion: await fusionOf(device, options) };
    const plan = { classes: classifierPlan, features: featuresPlan }[kind](weights.config, weights, spec);
    requireRoom(plan, device);
    const images = `${batch} image${batch === 1 ? '' : 's'} of ${height}x${width}`;
    const text = `preparing ${networkName(weights.config)} for ${images}`;
    const onKernel = (done: number, total: number) => options.onProgress?.({ text, done, total });
    return openPlan(plan, device, { ...options, onKernel });
  }

  return {
    async use(kind, extent, action) {
      requireExtent(extent);
      if (closed) throw closedModel(weights);
      return inTurn(async () => action(await prepared(kind, extent)));
    },
    close() {
      closed = true;
      return inTurn(async () => closeAll());
    },
  };
}

/** Of the system or of a GPU. */
function isMemoryShort(cause: unknown): boolean {
  return cause instanceof DeviceError && cause.code.endsWith('-memory');
}

function closedModel({ checkpoint }: FittedWeights): ModelError {
  return new ModelError({
    code: 'model-closed',
    value: checkpoint.source,
    rule: 'this model was closed, and its memory given back',
    remedy: 'load it again',
  });
}
