import { type Clocks, SLOWDOWNS, type Slowdown } from '../../runtime/cuda/clocks.js';

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How a GPU fared while something was measured, as far as its driver tells. */
export interface ClockRange {
  readonly smMHz: Range;
  readonly memoryMHz: Range;
  /** Degrees Celsius. */
  readonly temperature: Range;
  /** What kept its clocks down at any of these moments. */
  readonly throttled: readonly Slowdown[];
}

/** @returns undefined without readings */
export function clockRange(readings: readonly Clocks[]): ClockRange | undefined {
  if (readings.length === 0) return undefined;
  const range = (of: (reading: Clocks) => number): Range => {
    const values = readings.map(of);
    return Object.freeze({ low: Math.min(...values), high: Math.max(...values) });
  };
  return Object.freeze({
    smMHz: range(({ smMHz }) => smMHz),
    memoryMHz: range(({ memoryMHz }) => memoryMHz),
    temperature: range(({ temperature }) => temperature),
    throttled: SLOWDOWNS.filter((one) => readings.some(({ throttled }) => throttled.includes(one))),
  });
}
