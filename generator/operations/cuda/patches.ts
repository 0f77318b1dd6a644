import type { Grid } from '../../launch.js';
import { render } from '../../template.js';
import type { Patches } from '../operation.js';
import { teamData, teamsOf } from './team.js';
import { THREADS, vectorOf } from './vector.js';

/** Pieces that a thread copies. */
const EACH = 4;
/** Floats of a patch that a thread holds at most, where it gathers them from planes. */
const HELD = 64;

/** Fills one of templates/cuda/patches*.cu.hbs. */
export function patchesText(op: Patches, symbol: string): string {
  const { height, width, side } = op;
  const blocks = blocksOf(op);
  const holdsPatch = Math.min(height, width) >= side;
  const data = { symbol, height, width, side, blocks, holdsPatch, threads: THREADS, channels: op.channels };
  switch (formOf(op)) {
    case 'copy':
      return render('cuda/patches.cu.hbs', { ...data, vector: vectorOf(op.channels), perThread: EACH });
    case 'norm':
      return render('cuda/patches_norm.cu.hbs', { ...data, ...teamData(op.channels) });
    case 'planes':
      return render('cuda/patches_planes.cu.hbs', { ...data, ...planesData(op) });
  }
}

export function patchesGrid(op: Patches, images: number): Grid {
  return { blocks: blocksOf(op) * images, threads: THREADS };
}

function formOf({ layout, normalize }: Patches): 'copy' | 'norm' | 'planes' {
  switch (layout) {
    case 'nhwc':
      return normalize ? 'norm' : 'copy';
    case 'nchw':
      return 'planes';
    default:
      return layout satisfies never;
  }
}

/** Of an image. */
function blocksOf(op: Patches): number {
  const { channels, side } = op;
  const pixels = patchesOf(op) * side * side;
  switch (formOf(op)) {
    case 'copy':
      return Math.ceil((pixels * channels) / vectorOf(channels) / (THREADS * EACH));
    case 'norm':
      return Math.ceil(pixels / teamsOf(channels));
    case 'planes':
      return Math.ceil((patchesOf(op) * side * (channels / chunkOf(op))) / THREADS);
  }
}

function patchesOf({ height, width, side }: Patches): number {
  return Math.floor(height / side) * Math.floor(width / side);
}

function planesData(op: Patches) {
  const { channels, side, width } = op;
  const chunk = chunkOf(op);
  // A chunk of all channels leaves a whole row of a patch, which may be stored across its pixels.
  const out = chunk === channels ? vectorOf(side * channels) : vectorOf(chunk, channels);
  return { chunk, wholeChunks: channels % chunk === 0, in: vectorOf(side, width), out };
}

/** Channels that a thread does: all of an image's three, the largest part of more that it can hold. */
function chunkOf({ channels, side }: Patches): number {
  const most = Math.min(channels, Math.max(1, Math.floor(HELD / side)));
  return Array.from({ length: most }, (_, i) => most - i).find((chunk) => channels % chunk === 0)!;
}
