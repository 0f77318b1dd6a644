/** Numbers [N,C,H,W] in float64, and the gradient of a loss with respect to them. Parameters are [size,1,1,1]. */
export interface Planes {
  readonly shape: readonly [number, number, number, number];
  readonly data: Float64Array;
  readonly grad: Float64Array;
}

export function planes(shape: Planes['shape'], data?: ArrayLike<number>): Planes {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return {
    shape,
    data: data ? Float64Array.from(data) : new Float64Array(size),
    grad: new Float64Array(size),
  };
}

/** How to go back through what was computed, last thing first. */
export type Tape = (() => void)[];

export function goBack(tape: Tape): void {
  for (const back of tape.toReversed()) back();
}

interface Layer {
  readonly weight: Planes;
  readonly bias: Planes;
}

/** A convolution [O,C,side,side] at stride `side`, without padding. */
export function patchConvolution(tape: Tape, x: Planes, { weight, bias }: Layer, side: number): Planes {
  const [batch, channels, height, width] = x.shape;
  const outer = bias.data.length;
  const y = planes([batch, outer, Math.floor(height / side), Math.floor(width / side)]);
  const products = (visit: (at: number, from: number, by: number) => void) =>
    eachPixel(y, (n, o, row, column, at) => {
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < side; i++)
          for (let j = 0; j < side; j++) {
            const from = ((n * channels + c) * height + row * side + i) * width + column * side + j;
            visit(at, from, ((o * channels + c) * side + i) * side + j);
          }
    });
  return affine(tape, x, { weight, bias }, y, products);
}

/** A tap reads at a distance from its output's pixel. */
export interface Tap {
  readonly dy: number;
  readonly dx: number;
}

/** A convolution of each channel by itself, zero outside: the weight of channel c and tap k is at c*K + k. */
export function depthwiseConvolution(
  tape: Tape,
  x: Planes,
  { weight, bias }: Layer,
  { taps, stride }: { readonly taps: (channel: number) => readonly Tap[]; readonly stride: number },
): Planes {
  const [batch, channels, height, width] = x.shape;
  const y = planes([batch, channels, Math.ceil(height / stride), Math.ceil(width / stride)]);
  const lines = Array.from({ length: channels }, (_, channel) => taps(channel));
  const products = (visit: (at: number, from: number, by: number) => void) =>
    eachPixel(y, (n, c, row, column, at) => {
      lines[c]!.forEach(({ dy, dx }, k) => {
        const [i, j] = [row * stride + dy, column * stride + dx];
        if (i < 0 || i >= height || j < 0 || j >= width) return;
        visit(at, ((n * channels + c) * height + i) * width + j, c * lines[c]!.length + k);
      });
    });
  return affine(tape, x, { weight, bias }, y, products);
}

/** y[at] = bias[channel] + sum of weight[by] * x[from] over the products that there are. */
function affine(
  tape: Tape,
  x: Planes,
  { weight, bias }: Layer,
  y: Planes,
  products: (visit: (at: number, from: number, by: number) => void) => void,
): Planes {
  eachPixel(y, (_n, o, _row, _column, at) => {
    y.data[at] = bias.data[o]!;
  });
  products((at, from, by) => {
    y.data[at]! += weight.data[by]! * x.data[from]!;
  });
  tape.push(() => {
    eachPixel(y, (_n, o, _row, _column, at) => {
      bias.grad[o]! += y.grad[at]!;
    });
    products((at, from, by) => {
      weight.grad[by]! += x.data[from]! * y.grad[at]!;
      x.grad[from]! += weight.data[by]! * y.grad[at]!;
    });
  });
  return y;
}

/** LayerNorm over channels. */
export function layerNorm(tape: Tape, x: Planes, { weight, bias }: Layer, epsilon = 1e-6): Planes {
  const [batch, channels, height, width] = x.shape;
  const pixels = height * width;
  const y = planes(x.shape);
  const unit = new Float64Array(x.data.length);
  const at = (n: number, pixel: number) => (c: number) => (n * channels + c) * pixels + pixel;
  const mean = (value: (c: number) => number) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += value(c);
    return sum / channels;
  };
  for (let n = 0; n < batch; n++)
    for (let pixel = 0; pixel < pixels; pixel++) {
      const place = at(n, pixel);
      const centre = mean((c) => x.data[place(c)]!);
      const deviation = Math.sqrt(mean((c) => (x.data[place(c)]! - centre) ** 2) + epsilon);
      for (let c = 0; c < channels; c++) {
        unit[place(c)] = (x.data[place(c)]! - centre) / deviation;
        y.data[place(c)] = weight.data[c]! * unit[place(c)]! + bias.data[c]!;
      }
      tape.push(() => {
        const up = (c: number) => weight.data[c]! * y.grad[place(c)]!;
        const [plain, along] = [mean(up), mean((c) => up(c) * unit[place(c)]!)];
        for (let c = 0; c < channels; c++) {
          weight.grad[c]! += y.grad[place(c)]! * unit[place(c)]!;
          bias.grad[c]! += y.grad[place(c)]!;
          x.grad[place(c)]! += (up(c) - plain - unit[place(c)]! * along) / deviation;
        }
      });
    }
  return y;
}

/** Another function of each number by itself, with its slope. */
export function elementwise(
  tape: Tape,
  x: Planes,
  value: (x: number) => number,
  slope: (x: number) => number,
): Planes {
  const y = planes(x.shape, x.data.map(value));
  tape.push(() =>
    x.data.forEach((at, i) => {
      x.grad[i]! += slope(at) * y.grad[i]!;
    }),
  );
  return y;
}

/** One and the other. */
export function sum(tape: Tape, one: Planes, other: Planes): Planes {
  const y = planes(
    one.shape,
    one.data.map((value, i) => value + other.data[i]!),
  );
  tape.push(() => {
    y.grad.forEach((grad, i) => {
      one.grad[i]! += grad;
      other.grad[i]! += grad;
    });
  });
  return y;
}

/** x + gamma * f, gamma a number a channel. */
export function scaledSum(tape: Tape, x: Planes, f: Planes, gamma: Planes): Planes {
  const y = planes(x.shape);
  eachPixel(y, (_n, c, _row, _column, at) => {
    y.data[at] = x.data[at]! + gamma.data[c]! * f.data[at]!;
  });
  tape.push(() =>
    eachPixel(y, (_n, c, _row, _column, at) => {
      x.grad[at]! += y.grad[at]!;
      f.grad[at]! += gamma.data[c]! * y.grad[at]!;
      gamma.grad[c]! += f.data[at]! * y.grad[at]!;
    }),
  );
  return y;
}

/** The mean of each plane. */
export function meanOfPlanes(tape: Tape, x: Planes): Planes {
  const [batch, channels, height, width] = x.shape;
  const pixels = height * width;
  const y = planes([batch, channels, 1, 1]);
  x.data.forEach((value, i) => {
    y.data[Math.floor(i / pixels)]! += value / pixels;
  });
  tape.push(() =>
    x.grad.forEach((_, i) => {
      x.grad[i]! += y.grad[Math.floor(i / pixels)]! / pixels;
    }),
  );
  return y;
}

function eachPixel(
  { shape: [batch, channels, height, width] }: Planes,
  visit: (n: number, c: number, row: number, column: number, at: number) => void,
): void {
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) visit(n, c, row, column, at++);
}
