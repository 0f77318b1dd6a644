/** Of ImageNet's red, green and blue, from 0 to 1: what pretrained networks were trained to take for 0 and 1. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/** Each step rounded to float32, as PyTorch rounds it. */
const TABLES: readonly Float32Array[] = MEAN.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, byte) => {
    const shifted = Math.fround(Math.fround(byte / 255) - Math.fround(mean));
    return shifted / Math.fround(DEVIATION[channel]!);
  }),
);

/** Numbers of one image of this side. */
export function imageElements(side: number): number {
  return TABLES.length * side * side;
}

/**
 * Bytes [H,W,3] as a network takes them: planes [3,H,W] of (value/255 - mean) / deviation.
 * @param into takes the planes from `start` on
 */
export function normalize(pixels: Uint8Array, into: Float32Array, start: number): void {
  const channels = TABLES.length;
  const plane = pixels.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const table = TABLES[channel]!;
    let to = start + channel * plane;
    for (let from = channel; from < pixels.length; from += channels) into[to++] = table[pixels[from]!]!;
  }
}
