import { constants } from 'node:buffer';
import { freemem, totalmem } from 'node:os';
import type { CpuDevice } from '../cpu.js';
import type { CudaDevice } from '../cuda/device.js';
import { planBytes, WORKSPACE_BYTES } from '../plan/cuda/memory.js';
import { fittingBatch } from '../plan/fitting_batch.js';
import type { Plan } from '../plan/plan.js';
import { ModelError } from './errors.js';

/** Kernels count the numbers of one image's map in 32 bits. */
const MOST_NUMBERS = 2 ** 31 - 1;

/** Images of so many pixels a side, or of a multiple, have whole pixels in every stage's map: their bytes are in proportion. */
const STRIDE = 32;

/**
 * Says that images can never be taken, before kernels are compiled for them. That there is no room for them just now, the device
 * says.
 * @throws ModelError if they are too large for kernels, or for all of a device's memory: it names what would do, as things are
 */
export function requireRoom(plan: Plan, device: CpuDevice | CudaDevice): void {
  const { batch, height, width, images, steps, arena } = plan;
  const largest = Math.max(
    ...[images, ...steps.map(({ output }) => output)].map((one) => one.elements / batch),
  );
  const room = roomOf(plan, device);
  if (largest > MOST_NUMBERS)
    throw new ModelError({
      code: 'images-large',
      value: `${height}x${width}`,
      rule: `a step of the network makes ${largest} numbers of an image of this size, and kernels count to ${MOST_NUMBERS}`,
      remedy: smallerImages(plan, room.left, MOST_NUMBERS / largest),
    });
  const bytes = 4 * arena.elements;
  if (bytes <= room.most) return;
  const fitting = fittingBatch(plan, room.left);
  throw new ModelError({
    code: 'images-room',
    value: `${height}x${width}`,
    rule: `${batch === 1 ? 'an image of this size takes' : `${batch} images of this size take`} ${gibibytes(bytes)}, and ${room.whose} ${gibibytes(room.most)}`,
    remedy: fitting > 0 ? `use a batch of at most ${fitting}` : smallerImages(plan, room.left, 1),
  });
}

/** Bytes for a plan's arena. */
interface Room {
  /** That there can ever be. */
  readonly most: number;
  /** That are left, beside all else that the plan takes. */
  readonly left: number;
  readonly whose: string;
}

function roomOf(plan: Plan, device: CpuDevice | CudaDevice): Room {
  switch (device.kind) {
    case 'cpu': {
      const total = totalmem();
      const left = Math.min(freemem() - planBytes(plan, 0).fixed, constants.MAX_LENGTH);
      return total < constants.MAX_LENGTH
        ? { most: total, left, whose: 'this machine has' }
        : { most: constants.MAX_LENGTH, left, whose: 'an array of this Node has at most' };
    }
    case 'cuda': {
      const { totalBytes, freeBytes } = device.memory();
      const left = freeBytes - planBytes(plan, WORKSPACE_BYTES).fixed;
      return { most: totalBytes, left, whose: `${device.name} has` };
    }
    default:
      return device satisfies never;
  }
}

/** @param share of an image's pixels that is not too much, whatever the memory */
function smallerImages({ batch, height, width, arena }: Plan, left: number, share: number): string {
  const fitting = Math.min(share, left / (4 * arena.elements));
  const [rows, columns] = [height, width].map((side) => Math.floor(side / STRIDE) * STRIDE);
  const side = Math.floor(Math.sqrt(rows! * columns! * Math.max(0, fitting)) / STRIDE) * STRIDE;
  if (side > 0) return `use smaller images, such as ${side}x${side}`;
  return `use ${batch > 1 ? 'fewer and ' : ''}smaller images: ${gibibytes(Math.max(0, left))} are left for them`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
