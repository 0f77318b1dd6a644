import type { CpuDevice } from '../../cpu.js';
import { inOrder } from '../../launch.js';
import { requireSound } from '../check.js';
import type { Executable } from '../executable.js';
import { executableOf, type Opened } from '../executable_of.js';
import { parameterElements } from '../parameter_elements.js';
import type { Fusion, Plan } from '../plan.js';
import type { PlanOptions } from '../plan_options.js';
import { arenaViews, type BoundStep, bindSteps, type Views } from './bind_steps.js';
import { kernelsOf } from './kernels.js';
import { profileSteps, timeRuns } from './profile_steps.js';

/**
 * A product reads its rows from the cache while it packs them, and writes them from registers: both cost it little there. So does
 * a convolution with what is made of few planes. Its convolutions are of maps [N,H,W,C], whatever their channels.
 */
export const CPU_FUSION: Fusion = Object.freeze({
  normIntoProduct: true,
  geluIntoProduct: true,
  pointwiseIntoConvolution: () => true,
  layoutOf: () => 'nhwc',
});

/**
 * A plan on the CPU: its kernels loaded, parameters packed, and steps bound to one arena. They run in one go off the
 * JavaScript thread.
 * @throws PlanError if the plan does not hold together
 * @throws DeviceError if a kernel cannot be had, or there is not so much memory
 */
export async function openCpuPlan(plan: Plan, device: CpuDevice, options: PlanOptions): Promise<Executable> {
  requireSound(plan);
  const kernels = await kernelsOf(plan.steps, device, options);
  const view = arenaViews(plan);
  return executableOf(plan, opened(plan, view, await bindSteps(plan, kernels, view)));
}

function opened(plan: Plan, view: Views, steps: readonly BoundStep[]): Opened {
  const all = inOrder(
    steps.map(({ launch }) => launch),
    "the plan's arena",
  );
  const input = view(plan.images);
  const outputs = plan.outputs.map(({ name, buffer }) => [name, view(buffer)] as const);
  return {
    bytes: bytesOf(plan),
    async run(images) {
      input.set(images);
      await all.runAsync();
      return new Map(outputs.map(([name, view]) => [name, view.slice()]));
    },
    time: async (runs) => timeRuns(all, runs),
    profile: (rounds) => profileSteps(steps, all, rounds),
    close() {}, // its memory is collected once nothing holds it
  };
}

/** Kernels need nothing beside: what threads lend them is the device's. */
function bytesOf({ arena, steps }: Plan): number {
  const parameters = steps.reduce((sum, step) => sum + parameterElements(step), 0);
  return 4 * (arena.elements + parameters);
}
