import { type Problem, problem } from '../generator/problem.js';
import type { Convolution } from '../runtime/convolution.js';
import type { Picture } from './image.js';

/**
 * Smoothing along a line. The K weights are a Gaussian of the distance along the line, sigma = K/4, and add to one.
 * What runs along the line stays sharp (fur, wires, edges in that direction), what crosses it melts away: the
 * direction can be seen at a glance, in colour, which a zero-mean filter's grey response does not give. As the weights
 * follow the length along the line and folded taps add, all directions smooth equally far.
 */
export function smoothingWeights(kernel: number): readonly number[] {
  const sigma = kernel / 4;
  const bell = Array.from({ length: kernel }, (_, k) =>
    Math.exp(-((k - Math.floor(kernel / 2)) ** 2) / (2 * sigma ** 2)),
  );
  const total = bell.reduce((sum, weight) => sum + weight, 0);
  return bell.map((weight) => weight / total);
}

/** The picture at every angle as one convolution: three channels, red, green and blue, for each angle. */
export function smoothingProblem(picture: Picture, kernel: number, angles: readonly number[]): Problem {
  const { height, width } = picture;
  return problem({ layout: 'nhwc', height, width, kernel, angles, channels: 3 * angles.length });
}

/**
 * Runs it, and takes the results apart.
 * @param picture as wide and high as the convolution's problem
 * @param margin pixels to cut off on each side of the results
 * @returns a picture for each angle, in order
 */
export async function smooth(
  convolution: Convolution,
  picture: Picture,
  margin: number,
): Promise<readonly Picture[]> {
  const { channels, kernel, angles } = convolution.problem;
  const input = new Float32Array(picture.height * picture.width * channels);
  for (let pixel = 0; pixel < picture.height * picture.width; pixel++) {
    const rgb = picture.pixels.subarray(3 * pixel, 3 * pixel + 3);
    for (let channel = 0; channel < channels; channel += 3) input.set(rgb, pixel * channels + channel);
  }
  const taps = smoothingWeights(kernel);
  const weight = Float32Array.from({ length: channels * kernel }, (_, i) => taps[i % kernel]!);
  const output = await convolution.runAsync({ input, weight });
  return angles.map((_, n) => channelsOf(output, channels, 3 * n, picture, margin));
}

/** Three channels of [H,W,C] as a picture, without the margin. */
function channelsOf(
  output: Float32Array,
  channels: number,
  first: number,
  { height, width }: Picture,
  margin: number,
): Picture {
  const inner = { height: height - 2 * margin, width: width - 2 * margin };
  const pixels = new Uint8ClampedArray(inner.height * inner.width * 3); // rounds, and stays within 0 to 255
  let to = 0;
  for (let y = margin; y < height - margin; y++)
    for (let x = margin; x < width - margin; x++) {
      const from = (y * width + x) * channels + first;
      for (let c = 0; c < 3; c++) pixels[to++] = output[from + c]!;
    }
  return { kind: 'picture', ...inner, pixels: new Uint8Array(pixels.buffer) };
}
