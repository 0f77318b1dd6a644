/** Bytes of cyan, magenta, yellow and black as red, green and blue, by the formula that PIL has for it, whatever the profile. */
export function fromCmyk(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const light = 255 - cmyk[from + 3]!;
    for (let ink = 0; ink < 3; ink++) rgb[to++] = light - scaled(cmyk[from + ink]!, light);
  }
  return rgb;
}

/** a * b / 255, rounded. */
function scaled(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
