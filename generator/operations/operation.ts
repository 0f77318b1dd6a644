import { encodeAngles } from '../name.js';

/**
 * What a network does between its convolutions, as far as a kernel is specialised for it: everything but how many images or
 * rows there are. A *row* is a pixel's channels; maps are [N,H,W,C], or where an operation says so {@link Planes}, images
 * [N,C,H,W]; all of it float32. Norm, gelu and product are *row operations*, which take rows one by one; the others take whole
 * images.
 */
export type Operation = Norm | Gelu | Patches | Stem | Pool | Product;

/**
 * Which map of an operation is [N,C,H,W] while the others are [N,H,W,C]: of a {@link Norm} what it reads or writes; of a
 * {@link Product} its output, and the residual with it, or the residual alone. A row is then a pixel's numbers all the same.
 */
export interface Planes<Of extends 'input' | 'output' | 'residual'> {
  /** Of a plane. */
  readonly pixels: number;
  readonly of: Of;
}

/** By the error function, as the paper's networks have it, or by tanh, as cuBLASLt has it: see {@link Gelu}. */
export const GELU_FORMS = ['exact', 'tanh'] as const;

export type GeluForm = (typeof GELU_FORMS)[number];

/**
 * LayerNorm of every row: (x - mean) / sqrt(variance + {@link NORM_EPSILON}), times scale [C] plus shift [C] where it is
 * affine, then GELU where that follows. The output may be the input, unless one of them is planes.
 */
export interface Norm {
  readonly kind: 'norm';
  readonly channels: number;
  readonly affine: boolean;
  readonly gelu: GeluForm | null;
  readonly planes?: Planes<'input' | 'output'>;
}

/**
 * x/2 * (1 + erf(x / sqrt(2))), or x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))), which is off from that by up to 5e-4; both
 * to float32's rounding. The output may be the input.
 */
export interface Gelu {
  readonly kind: 'gelu';
  readonly channels: number;
  readonly form: GeluForm;
}

/**
 * Cuts images [N,C,H,W] or maps [N,H,W,C] into whole patches of side x side pixels, in rows of (dy, dx, channel):
 * [N, floor(H/side), floor(W/side), side*side*C]. What is left at the lower and right edges is dropped, as by a convolution
 * without padding. `normalize` takes LayerNorm without scale and shift of each pixel first; only for maps.
 */
export interface Patches {
  readonly kind: 'patches';
  readonly layout: 'nchw' | 'nhwc';
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly side: number;
  readonly normalize: boolean;
}

/**
 * A pointwise convolution of few planes and an oriented one of what it makes, which is never written: images [N,P,H,W] to
 * maps [N,ceil(H/s),ceil(W/s),C]. With weight [K+P,C], a channel's taps w and then its planes' weights v, and bias [2,C],
 * first b and then e,
 *
 *   t[ch,i,j] = e[ch] + sum_p v[ch,p] * x[p,i,j]
 *   y[ch,i,j] = b[ch] + sum_k w[ch,k] * t[ch, i*s + dy_k, j*s + dx_k]
 *
 * where t, its bias too, is zero outside of the image.
 */
export interface Stem {
  readonly kind: 'stem';
  readonly height: number;
  readonly width: number;
  readonly planes: number;
  readonly channels: number;
  readonly kernel: number;
  /** Degrees, spread over the channels in order. */
  readonly angles: readonly number[];
  readonly stride: number;
}

/** The mean over an image's pixels: [N,H*W,C] to [N,C]. */
export interface Pool {
  readonly kind: 'pool';
  readonly pixels: number;
  readonly channels: number;
}

/**
 * Rows times a matrix: y [R,outer] = gelu(x [R,inner] * weight [outer,inner]^T + bias [outer]) + residual [R,outer].
 * `normalize` takes LayerNorm without scale and shift of each row of x first; GELU and residual are there if asked for, and never
 * both. The output may be the residual, unless that alone is planes.
 */
export interface Product {
  readonly kind: 'product';
  readonly inner: number;
  readonly outer: number;
  readonly normalize: boolean;
  readonly gelu: GeluForm | null;
  readonly residual: boolean;
  readonly planes?: Planes<'residual' | 'output'>;
}

/** Of an operation one of whose maps is planes. */
export function planesOf(op: Operation): Norm['planes'] | Product['planes'] {
  return op.kind === 'norm' || op.kind === 'product' ? op.planes : undefined;
}

/** Whether the output may be the input. */
export function isInPlace(op: Operation): boolean {
  return op.kind === 'gelu' || (op.kind === 'norm' && op.planes === undefined);
}

/** ConvNeXt's, everywhere. */
export const NORM_EPSILON = 1e-6;

/**
 * One name holds every parameter, and is a C identifier: `norm_f32_c96_a1_g0`, `product_f32_i96_o384_n1_g1_r0`. Of GELU, g1 is
 * the exact form and g2 the one by tanh. Planes come last: `norm_f32_c96_a0_g0_input3136`.
 */
export function operationName(op: Operation): string {
  switch (op.kind) {
    case 'norm':
      return `norm_f32_c${op.channels}_a${+op.affine}_g${geluDigit(op.gelu)}${planesName(op)}`;
    case 'gelu':
      return `${op.form === 'exact' ? 'gelu' : 'gelu_tanh'}_f32_c${op.channels}`;
    case 'patches':
      return `patches_${op.layout}_f32_${op.height}x${op.width}_c${op.channels}_p${op.side}_n${+op.normalize}`;
    case 'stem':
      return `stem_f32_${op.height}x${op.width}_s${op.stride}_k${op.kernel}_a${encodeAngles(op.angles)}_p${op.planes}_c${op.channels}`;
    case 'pool':
      return `pool_f32_p${op.pixels}_c${op.channels}`;
    case 'product':
      return `product_f32_i${op.inner}_o${op.outer}_n${+op.normalize}_g${geluDigit(op.gelu)}_r${+op.residual}${planesName(op)}`;
    default:
      return op satisfies never;
  }
}

function planesName({ planes }: Norm | Product): string {
  return planes ? `_${planes.of}${planes.pixels}` : '';
}

function geluDigit(form: GeluForm | null): number {
  return form === null ? 0 : 1 + GELU_FORMS.indexOf(form);
}
