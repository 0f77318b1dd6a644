import { z } from 'zod';
import { DTYPES, LAYOUTS } from '../../generator/problem.js';
import { clocks } from '../../tuner/measure/clock_schema.js';
import { timing } from '../timing_schema.js';
import { MEASURES } from './measure.js';
import { PEER_NAMES } from './peers.js';

const times = z.partialRecord(z.enum(MEASURES), timing);

const kernel = z.object({
  kernel: z.string(),
  origin: z.enum(['tuned', 'published', 'transferred', 'default']),
});

const layer = z.object({
  label: z.string(),
  /** Degrees. */
  angles: z.array(z.number()),
  kernels: z.object({ fprop: kernel, wgrad: kernel, backward: kernel }),
  times: z.record(z.enum(MEASURES), timing),
});

const peer = z.object({
  name: z.enum(PEER_NAMES),
  /** Horizontal is 1xK, vertical Kx1. */
  axis: z.enum(['horizontal', 'vertical']),
  /** Empty where it was missing. */
  times,
});

const cell = z.object({
  layout: z.enum(LAYOUTS),
  dtype: z.enum(DTYPES),
  /** Height and width. */
  size: z.number(),
  kernel: z.number(),
  batch: z.number(),
  channels: z.number(),
  /** Sets of tensors in rotation. */
  sets: z.number(),
  rounds: z.number(),
  /** Of what fprop, dgrad and wgrad must move, and of what backward must. */
  copies: z.object({ pass: timing, backward: timing }),
  /** The angles each alone, then all of them in one layer. */
  layers: z.array(layer),
  peers: z.array(peer),
});

/** What `bench table5 --save` writes. Times in microseconds of the whole batch, medians and spreads of interleaved rounds. */
export const tableResult = z.object({
  provenance: z.object({
    version: z.string(),
    measured: z.string(),
    gpu: z.object({ name: z.string(), driver: z.string(), target: z.string() }).loose().optional(),
    machine: z.object({ cpu: z.string(), isa: z.string() }).loose().optional(),
    compiler: z.string().nullish(),
    /** Of a GPU whose driver tells, over the rounds; results from before they were kept lack them. */
    clocks: clocks.optional(),
    threads: z.number().optional(),
    unit: z.string(),
    angles: z.enum(['degrees', 'as published']),
    peers: z.array(
      z.object({ name: z.enum(PEER_NAMES), version: z.string().nullable(), missing: z.string().nullable() }),
    ),
    /** Seconds of the whole run: kernels, checks and timing. */
    seconds: z.number(),
  }),
  cells: z.array(cell),
});

export type TableResult = z.infer<typeof tableResult>;
export type CellResult = TableResult['cells'][number];
export type LayerResult = CellResult['layers'][number];
