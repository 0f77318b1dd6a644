import { z } from 'zod';
import type { Timing } from './layers.js';

/** A time as `bench layers --save` writes it. */
export const timing = z.object({ median: z.number(), spread: z.number() }) satisfies z.ZodType<Timing>;
