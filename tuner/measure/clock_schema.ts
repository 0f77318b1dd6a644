import { z } from 'zod';
import { SLOWDOWNS } from '../../runtime/cuda/clocks.js';
import type { ClockRange } from './clock_range.js';

const range = z.strictObject({ low: z.number(), high: z.number() });

/** Clocks as exports and results of benches hold them. */
export const clocks = z.strictObject({
  smMHz: range,
  memoryMHz: range,
  temperature: range,
  throttled: z.array(z.enum(SLOWDOWNS)).readonly(),
}) satisfies z.ZodType<ClockRange>;
