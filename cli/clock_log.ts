import type { Clocks } from '../runtime/cuda/clocks.js';
import { type ClockRange, clockRange } from '../tuner/measure/clock_range.js';
import type { Device } from './device.js';

/** How a GPU fares while it is benched. */
export interface ClockLog {
  /** Reads the clocks of a GPU whose driver tells; asked for at the end of each round. */
  read(): void;
  /** Of all that was read; undefined of a processor. */
  range(): ClockRange | undefined;
}

export function clockLog(device: Device): ClockLog {
  const readings: Clocks[] = [];
  return {
    read() {
      const reading = device.kind === 'cuda' ? device.clocks() : undefined;
      if (reading) readings.push(reading);
    },
    range: () => clockRange(readings),
  };
}
