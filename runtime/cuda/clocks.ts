import { cudaAddon, type NativeClocks, type NativeDevice, type NativeSensor } from './addon.js';
import { isCudaFailure } from './failure.js';

/**
 * Why a GPU keeps its clocks down though it has work. Its power limit (`power-cap`) holds a large GPU back in most heavy
 * work; the others say that something is wrong with its cooling or its supply.
 */
export const SLOWDOWNS = ['power-cap', 'hardware', 'thermal', 'hardware-thermal', 'power-brake'] as const;
export type Slowdown = (typeof SLOWDOWNS)[number];

/** How a GPU fares at one moment. */
export interface Clocks {
  /** Of the multiprocessors. */
  readonly smMHz: number;
  readonly memoryMHz: number;
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Empty where nothing keeps it down but itself: a GPU without work turns its clocks down, too. */
  readonly throttled: readonly Slowdown[];
}

/** nvmlClocksEventReason* of nvml.h, those that count. */
const BITS: Readonly<Record<Slowdown, number>> = {
  'power-cap': 0x4,
  hardware: 0x8,
  thermal: 0x20,
  'hardware-thermal': 0x40,
  'power-brake': 0x80,
};

/** Reads a device's clocks; undefined where NVML is missing, or does not tell of this device. */
export function clockReader(device: NativeDevice): () => Clocks | undefined {
  let sensor: NativeSensor | 'none' | undefined;
  return () => {
    sensor ??= known(() => cudaAddon().sensor(device)) ?? 'none';
    const from = sensor;
    const read = from === 'none' ? undefined : known(() => cudaAddon().clocks(from));
    return read && clocks(read);
  };
}

function clocks({ reasons, ...rest }: NativeClocks): Clocks {
  return Object.freeze({ ...rest, throttled: SLOWDOWNS.filter((one) => (reasons & BITS[one]) !== 0) });
}

function known<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isCudaFailure(error)) return undefined;
    throw error;
  }
}
