import { type Device, openDevice } from './device.js';

/** What is benched on: a CPU with one thread unless told otherwise. @throws as openDevice */
export function openBenched({
  target,
  threads,
}: {
  readonly target: string;
  readonly threads?: number;
}): Device {
  return openDevice(target, threads ?? (target.startsWith('cpu') ? 1 : undefined));
}
