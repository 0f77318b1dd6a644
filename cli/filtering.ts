import type { Problem } from '../generator/problem.js';
import { tapSet } from '../generator/taps.js';
import type { Convolution } from '../runtime/convolution.js';
import { writeAside } from './atomic.js';
import { CliError } from './errors.js';
import type { Picture } from './image.js';

/** A picture that is to be filtered, and the convolution that it takes. */
export interface Photograph {
  readonly picture: Picture;
  /** With a mirrored margin of half a kernel, which the results lose again. */
  readonly framed: Picture;
  readonly margin: number;
  readonly problem: Problem;
}

/** Floats of the largest input, all angles together: a larger picture is scaled down first. */
const LARGEST_INPUT = 96e6;

/** @throws CliError if the file is no picture, or the picture is shorter than the kernel */
export async function readPhotograph(
  file: string,
  kernel: number,
  angles: readonly number[],
): Promise<Photograph> {
  // Loaded here, since they take longer to load than other commands take to run.
  const { mirrored, readPicture } = await import('./image.js');
  const { smoothingProblem } = await import('./smooth.js');
  const picture = await readPicture(file, LARGEST_INPUT / (3 * angles.length));
  requireLonger(picture, kernel);
  const margin = Math.floor(kernel / 2);
  const framed = await mirrored(picture, margin);
  return { picture, framed, margin, problem: smoothingProblem(framed, kernel, angles) };
}

/** Filters the picture at all angles in one launch, and draws the contact sheet. @throws CliError */
export async function drawSheet(
  { picture, framed, margin, problem }: Photograph,
  convolution: Convolution,
  out: string,
): Promise<void> {
  const { contactSheet } = await import('./sheet.js');
  const { smooth } = await import('./smooth.js');
  const { kernel, angles } = problem;
  const smoothed = await smooth(convolution, framed, margin);
  const tiles = smoothed.map((one, n) => ({
    picture: one,
    label: `${angles[n]}°`,
    taps: tapSet(kernel, angles[n]!),
  }));
  const title = `Smoothed along a line of K = ${kernel}`;
  await writeAside(out, await contactSheet(title, [{ picture, label: 'original' }, ...tiles]));
}

function requireLonger({ height, width }: Picture, kernel: number): void {
  if (kernel <= Math.max(height, width)) return;
  throw new CliError({
    code: 'kernel-longer',
    value: kernel,
    rule: `the kernel is longer than the picture, ${width} x ${height} pixels`,
    remedy: 'use a shorter kernel, or a larger picture',
  });
}
