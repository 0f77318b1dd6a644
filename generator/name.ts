import { ProblemError } from './errors.js';
import {
  type DType,
  kernelText,
  type Layout,
  type Op,
  type Problem,
  type ProblemSpec,
  problem,
} from './problem.js';
import { requireProblem } from './require_problem.js';

/**
 * One name holds every parameter: it is the file, the symbol, the database row and the log line, and parses back.
 *
 *   layer     fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512            a problem without its batch: what a kernel serves
 *   problem   fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512_n64
 *   square    fprop_nhwc_f32_56x56_s1_k7x7_c96                      a layer with square filters has no angles
 *   kernel    <layer>__<family>_<its parameters>                    see schedule.ts
 *
 * Angles are written as `first i step x count` where they are evenly spaced, else as a list. Numbers are JavaScript's
 * shortest decimals with `p` for the point and `m` for the minus, so that a name is a C identifier.
 */
export function layerName(p: Problem): string {
  requireProblem(p);
  return [
    p.op,
    p.layout,
    p.dtype,
    `${p.height}x${p.width}`,
    `s${p.stride}`,
    `k${kernelText(p)}`,
    ...(p.filter === 'square' ? [] : [`a${encodeAngles(p.angles)}`]),
    `c${p.channels}`,
  ].join('_');
}

export function problemName(p: Problem): string {
  return `${layerName(p)}_n${p.batch}`;
}

const SHAPE =
  /^(fprop|dgrad|wgrad|backward)_(nchw|nhwc)_(f32|f16|bf16)_(\d+)x(\d+)_s(\d+)_k(\d+)(?:x\d+|_a([0-9pmexi_]+))_c(\d+)(?:_n(\d+))?$/;

/** Reads a layer's or a problem's name; a layer has batch 1. Throws {@link ProblemError}. */
export function parseProblemName(name: string): Problem {
  const match = SHAPE.exec(name);
  const angles = match?.[8] === undefined ? [] : decodeAngles(match[8]);
  if (!match || !angles) throw malformed(name);
  const spec: ProblemSpec = {
    op: match[1] as Op,
    layout: match[2] as Layout,
    dtype: match[3] as DType,
    height: Number(match[4]),
    width: Number(match[5]),
    stride: Number(match[6]),
    filter: match[8] === undefined ? 'square' : 'line',
    kernel: Number(match[7]),
    angles,
    channels: Number(match[9]),
    batch: Number(match[10] ?? 1),
  };
  const made = problem(spec);
  // One problem has one name: 00056x56 is none.
  if ((match[10] === undefined ? layerName(made) : problemName(made)) !== name) throw malformed(name);
  return made;
}

function malformed(name: string): ProblemError {
  return new ProblemError({
    code: 'name-malformed',
    value: name,
    rule: 'a name reads <op>_<layout>_<dtype>_<H>x<W>_s<stride>_k<K>_a<angles>_c<channels>[_n<batch>], or k<K>x<K> for K and angles',
    remedy: 'use for example fprop_nhwc_f32_56x56_s1_k31_a0i22p5x8_c512_n64',
  });
}

/** A kernel's name taken apart at the first `__`: its layer, and its family with the parameters. */
export function splitKernelName(name: string): { readonly layer: string; readonly schedule: string } {
  const at = name.indexOf('__');
  return { layer: name.slice(0, at), schedule: name.slice(at + 2) };
}

/** 0,22.5,..,157.5 -> 0i22p5x8; 0,45,90,1 -> 0_45_90_1. */
export function encodeAngles(angles: readonly number[]): string {
  const step = angles.length > 2 ? angles[1]! - angles[0]! : 0;
  const even = step > 0 && angles.every((angle, i) => angle === angles[0]! + i * step);
  return even
    ? `${encodeNumber(angles[0]!)}i${encodeNumber(step)}x${angles.length}`
    : angles.map(encodeNumber).join('_');
}

function decodeAngles(text: string): number[] | undefined {
  const even = /^([0-9pme]+)i([0-9pme]+)x(\d{1,5})$/.exec(text);
  const angles = even
    ? Array.from({ length: Number(even[3]) }, (_, i) => decodeNumber(even[1]!) + i * decodeNumber(even[2]!))
    : text.split('_').map(decodeNumber);
  return angles.every(Number.isFinite) ? angles : undefined;
}

export function encodeNumber(value: number): string {
  return String(value).replaceAll('.', 'p').replaceAll('-', 'm').replaceAll('+', '');
}

function decodeNumber(text: string): number {
  return Number(text.replaceAll('p', '.').replaceAll('m', '-'));
}
