import type { GeluForm } from '../../generator/operations/operation.js';
import type { ModelConfig } from '../../runtime/convnext/config.js';
import type { Checkpoint } from '../../runtime/weights/checkpoint.js';
import { gelu, geluSlope } from './erf.js';
import {
  depthwiseConvolution,
  elementwise,
  goBack,
  layerNorm,
  meanOfPlanes,
  type Planes,
  patchConvolution,
  planes,
  scaledSum,
  sum,
  type Tap,
  type Tape,
} from './tape.js';

/** What a network makes of images, in float64. */
export interface Naive {
  readonly images: Planes;
  readonly stages: readonly Planes[];
  /** [N,classes,1,1]. */
  readonly logits: Planes;
  /** By their names in the checkpoint. */
  readonly parameters: ReadonlyMap<string, Planes>;
  /** Writes the gradients of the mean cross-entropy to all of them. @returns the loss */
  backward(labels: readonly number[]): number;
}

/** A depthwise convolution of the network. */
export interface DepthwiseLayer {
  readonly name: string;
  readonly stride: number;
  readonly resid: boolean;
  readonly weight: Planes;
  readonly bias: Planes;
}

/** Another way back through a depthwise convolution, in place of the formula's: adds to the gradients of all but y. */
export type DepthwiseBack = (layer: DepthwiseLayer, x: Planes, y: Planes) => void;

export interface NaiveOptions {
  /** Exact unless given. */
  readonly gelu?: GeluForm;
  readonly depthwiseBack?: DepthwiseBack;
}

/**
 * The network as the paper has it, layer after layer in [N,C,H,W], straight from the checkpoint: nothing is folded,
 * directions are the checkpoint's own, and all of it can be gone back through.
 */
export async function naiveNetwork(
  checkpoint: Checkpoint,
  config: ModelConfig,
  images: Planes,
  { gelu = 'exact', depthwiseBack }: NaiveOptions = {},
): Promise<Naive> {
  const parameters = new Map<string, Planes>();
  for (const { name, read } of checkpoint.tensors) {
    const data = await read();
    parameters.set(name, planes([data.length, 1, 1, 1], data));
  }
  const net: Net = { config, parameters, tape: [], gelu, ...(depthwiseBack && { depthwiseBack }) };
  const stages: Planes[] = [];
  let x = images;
  for (const [stage, depth] of config.depths.entries()) {
    x = stage === 0 ? stem(net, x) : downsampling(net, `downsample_layers.${stage}`, x);
    for (let i = 0; i < depth; i++) x = block(net, `stages.${stage}.${i}`, x);
    stages.push(x);
  }
  const logits = convolution(net, 'head', norm(net, 'norm', meanOfPlanes(net.tape, x)));
  return {
    images,
    stages,
    logits,
    parameters,
    backward(labels) {
      const loss = crossEntropy(logits, labels);
      goBack(net.tape);
      return loss;
    },
  };
}

interface Net {
  readonly config: ModelConfig;
  readonly parameters: ReadonlyMap<string, Planes>;
  readonly tape: Tape;
  readonly gelu: GeluForm;
  readonly depthwiseBack?: DepthwiseBack;
}

function stem(net: Net, images: Planes): Planes {
  const name = 'downsample_layers.0';
  if (net.config.stem.kind === 'patch')
    return norm(net, `${name}.1`, convolution(net, `${name}.0`, images, 4));
  const wide = convolution(net, `${name}.pw1`, images);
  const half = active(net, norm(net, `${name}.norm1`, depthwise(net, `${name}.dw1`, wide, 2)));
  const quarter = active(net, norm(net, `${name}.norm2`, depthwise(net, `${name}.dw2`, half, 2)));
  return norm(net, `${name}.norm3`, convolution(net, `${name}.pw2`, quarter));
}

function downsampling(net: Net, name: string, x: Planes): Planes {
  return convolution(net, `${name}.1`, norm(net, `${name}.0`, x), 2);
}

function block(net: Net, name: string, x: Planes): Planes {
  const second = net.config.kernels.second !== null;
  const first = depthwise(net, `${name}.${second ? 'dwconv1' : 'dwconv'}`, x);
  const wide = active(net, convolution(net, `${name}.pwconv1`, norm(net, `${name}.norm`, first)));
  const features = second ? depthwise(net, `${name}.dwconv2`, wide) : wide;
  const f = convolution(net, `${name}.pwconv2`, features);
  return scaledSum(net.tape, x, f, net.parameters.get(`${name}.gamma`)!);
}

function layer({ parameters }: Net, name: string) {
  return { weight: parameters.get(`${name}.weight`)!, bias: parameters.get(`${name}.bias`)! };
}

function convolution(net: Net, name: string, x: Planes, side = 1): Planes {
  return patchConvolution(net.tape, x, layer(net, name), side);
}

function norm(net: Net, name: string, x: Planes): Planes {
  return layerNorm(net.tape, x, layer(net, name));
}

function active({ tape, gelu: form }: Net, x: Planes): Planes {
  return elementwise(
    tape,
    x,
    (x) => gelu(x, form),
    (x) => geluSlope(x, form),
  );
}

function depthwise(net: Net, name: string, x: Planes, stride = 1): Planes {
  const its = { name, stride, resid: name.endsWith('dwconv2'), ...layer(net, name) };
  const taps = tapsOf(net.parameters.get(`${name}.theta`), its.weight.data.length / x.shape[1]);
  const own: Tape = [];
  const convolved = depthwiseConvolution(own, x, its, { taps, stride });
  const y = its.resid ? sum(own, convolved, x) : convolved;
  net.tape.push(() => (net.depthwiseBack ? net.depthwiseBack(its, x, y) : goBack(own)));
  return y;
}

/** The mean over images; its gradient goes to the logits. */
function crossEntropy({ data, grad }: Planes, labels: readonly number[]): number {
  const classes = data.length / labels.length;
  return labels.reduce((loss, label, image) => {
    const scores = data.subarray(image * classes, (image + 1) * classes);
    const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
    scores.forEach((score, i) => {
      grad[image * classes + i] = (Math.exp(score) / sum - Number(i === label)) / labels.length;
    });
    return loss + (Math.log(sum) - scores[label]!) / labels.length;
  }, 0);
}

/** Of a channel: along its direction, or, where the layer has none, in a square. */
function tapsOf(theta: Planes | undefined, weights: number): (channel: number) => readonly Tap[] {
  if (theta === undefined) {
    const side = Math.sqrt(weights);
    const taps = Array.from({ length: weights }, (_, k) => ({
      dy: Math.floor(k / side) - (side - 1) / 2,
      dx: (k % side) - (side - 1) / 2,
    }));
    return () => taps;
  }
  return (channel) => {
    const angle = theta.data[channel]!;
    const [sin, cos] = [Math.fround(Math.sin(angle)), Math.fround(Math.cos(angle))];
    return Array.from({ length: weights }, (_, k) => ({
      dy: Math.trunc(Math.fround(-sin * (k - (weights - 1) / 2))),
      dx: Math.trunc(Math.fround(cos * (k - (weights - 1) / 2))),
    }));
  };
}
