import type { Extent } from '../generator/problem.js';
import { CliError } from './errors.js';

export type ConvOp = 'fprop' | 'dgrad';

/** What a convolution reads beside its weights, as the command line says it. */
interface SourceOptions {
  readonly op: ConvOp;
  readonly input?: string;
  readonly grad?: string;
  readonly size?: Extent;
  readonly bias?: string;
}

/** The file of the images, or of the gradient with the size of what is to be computed. */
export interface ConvSource {
  readonly file: string;
  readonly size?: Extent;
}

/** @throws CliError if an option that the operation needs is missing, or is another operation's */
export function convSource({ op, input, grad, size, bias }: SourceOptions): ConvSource {
  switch (op) {
    case 'fprop':
      if (grad !== undefined) throw foreign('--grad', 'fprop reads images', '--input x.npy');
      if (size !== undefined) throw foreign('--size', 'fprop finds its size in --input');
      return { file: input ?? missing('--input', 'fprop needs the images that it convolves', 'x.npy') };
    case 'dgrad':
      if (input !== undefined)
        throw foreign('--input', "dgrad reads the gradient of fprop's output", '--grad dy.npy');
      if (bias !== undefined)
        throw foreign('--bias', "the gradient of fprop's input does not depend on a bias");
      return {
        file: grad ?? missing('--grad', "dgrad needs the gradient of fprop's output", 'dy.npy'),
        size: size ?? missing('--size', "dgrad needs the height and width of fprop's input", '56x56'),
      };
    default:
      return op satisfies never;
  }
}

function foreign(flag: string, rule: string, instead?: string): CliError {
  const remedy = instead === undefined ? 'leave it out' : `give ${instead}`;
  return new CliError({ code: 'option-foreign', value: flag, rule, remedy });
}

function missing(flag: string, rule: string, example: string): never {
  throw new CliError({
    code: 'option-missing',
    value: flag,
    rule,
    remedy: `add for example ${flag} ${example}`,
  });
}
