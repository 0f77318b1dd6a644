import { constants } from 'node:buffer';
import { totalmem } from 'node:os';
import type { CpuDevice } from '../cpu.js';
import type { CudaDevice } from '../cuda/device.js';
import type { Plan } from '../plan/plan.js';
import { ModelError } from './errors.js';

/** Kernels count the numbers of one image's map in 32 bits. */
const MOST_NUMBERS = 2 ** 31 - 1;

/**
 * Says that images can never be taken, before kernels are compiled for them. That there is no room for them just now, the device
 * says.
 * @throws ModelError if they are too large for kernels, or for all of a device's memory
 */
export function requireRoom(plan: Plan, device: CpuDevice | CudaDevice): void {
  const { batch, height, width, images, steps, arena } = plan;
  const largest = Math.max(
    ...[images, ...steps.map(({ output }) => output)].map((one) => one.elements / batch),
  );
  if (largest > MOST_NUMBERS)
    throw new ModelError({
      code: 'images-large',
      value: `${height}x${width}`,
      rule: `a step of the network makes ${largest} numbers of an image of this size, and kernels count to ${MOST_NUMBERS}`,
      remedy: smallerImages(plan, MOST_NUMBERS / largest),
    });
  const bytes = 4 * arena.elements;
  const most = mostBytes(device);
  if (bytes <= most.bytes) return;
  const fitting = Math.floor((batch * most.bytes) / bytes);
  throw new ModelError({
    code: 'images-room',
    value: `${height}x${width}`,
    rule: `${batch === 1 ? 'an image of this size takes' : `${batch} images of this size take`} ${gibibytes(bytes)}, and ${most.whose} ${gibibytes(most.bytes)}`,
    remedy:
      fitting > 0 ? `use a batch of at most ${fitting}` : smallerImages(plan, most.bytes / (bytes / batch)),
  });
}

/** The most that a plan's arena can ever have. */
function mostBytes(device: CpuDevice | CudaDevice): { readonly bytes: number; readonly whose: string } {
  switch (device.kind) {
    case 'cpu':
      return totalmem() < constants.MAX_LENGTH
        ? { bytes: totalmem(), whose: 'this machine has' }
        : { bytes: constants.MAX_LENGTH, whose: 'an array of this Node has at most' };
    case 'cuda':
      return { bytes: device.memory().totalBytes, whose: `${device.name} has` };
    default:
      return device satisfies never;
  }
}

/** @param share of the pixels that is not too much */
function smallerImages({ height, width }: Plan, share: number): string {
  const side = 32 * Math.floor(Math.sqrt(height * width * share) / 32); // of 32, every stage's map is of whole pixels
  return `use smaller images, such as ${side}x${side}`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
