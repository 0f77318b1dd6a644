import type { Extent, Op } from '../generator/problem.js';
import { CliError } from './errors.js';
import type { KernelSize } from './values.js';

/** What a convolution reads and where it writes, as the command line says it. */
export interface SourceOptions {
  readonly input?: string;
  readonly grad?: string;
  readonly weight?: string;
  readonly bias?: string;
  readonly resid?: true;
  readonly size?: Extent;
  readonly kernel?: KernelSize;
  readonly weightOutput?: string;
  readonly biasOutput?: string;
}

type Name = keyof SourceOptions;

/** The files of a layer's own, which results must not be written over; images and gradients they may replace. */
export function parameterFiles({ weight, bias }: SourceOptions): readonly string[] {
  return [weight, bias].filter((file) => file !== undefined);
}

/** What an operation makes of options; those that it does not name it may do without. */
interface Rules<Needed extends Name = Name> {
  /** Why they are needed, and an example of a value. */
  readonly needed: Readonly<Record<Needed, readonly [rule: string, example: string]>>;
  /** Why they are another operation's, and what to give instead, if anything. */
  readonly foreign: Readonly<Partial<Record<Name, readonly [rule: string, instead?: string]>>>;
}

const DY = "the gradient of fprop's output";
const DW_OF_OTHERS = 'it is for the gradient of the weights, which --op wgrad and backward compute';
const DB_OF_OTHERS = 'it is for the gradient of the bias, which --op wgrad and backward compute';
const K_OF_WEIGHTS = 'the weights in --weight say how many taps there are';

const RULES = {
  fprop: {
    needed: {
      input: ['fprop needs the images that it convolves', 'x.npy'],
      weight: ['fprop needs its weights', 'w.npy'],
    },
    foreign: {
      grad: ['fprop reads images', '--input x.npy'],
      size: ['fprop finds its size in --input'],
      kernel: [K_OF_WEIGHTS],
      weightOutput: [DW_OF_OTHERS],
      biasOutput: [DB_OF_OTHERS],
    },
  },
  dgrad: {
    needed: {
      grad: [`dgrad needs ${DY}`, 'dy.npy'],
      size: ["dgrad needs the height and width of fprop's input", '56x56'],
      weight: ['dgrad needs the weights of fprop', 'w.npy'],
    },
    foreign: {
      input: [`dgrad reads ${DY}`, '--grad dy.npy'],
      bias: ["the gradient of fprop's input does not depend on a bias"],
      kernel: [K_OF_WEIGHTS],
      weightOutput: [DW_OF_OTHERS],
      biasOutput: [DB_OF_OTHERS],
    },
  },
  wgrad: {
    needed: {
      input: ['wgrad needs the images that fprop has read', 'x.npy'],
      grad: [`wgrad needs ${DY}`, 'dy.npy'],
      kernel: ['wgrad needs to know how many taps the weights have', '31'],
    },
    foreign: {
      weight: ['the gradient of the weights does not depend on them', '--kernel K'],
      bias: ['the gradients of weights and bias do not depend on a bias'],
      resid: ['the gradient of the weights is the same with and without the input added'],
      size: ['wgrad finds its size in --input'],
      weightOutput: ["wgrad's result is the gradient of the weights", '--output dw.npy'],
    },
  },
  backward: {
    needed: {
      input: ['backward needs the images that fprop has read', 'x.npy'],
      grad: [`backward needs ${DY}`, 'dy.npy'],
      weight: ['backward needs the weights of fprop', 'w.npy'],
      weightOutput: ['backward needs a place for the gradient of the weights', 'dw.npy'],
    },
    foreign: {
      bias: ['none of the gradients depends on a bias'],
      kernel: [K_OF_WEIGHTS],
      size: ['backward finds its size in --input'],
    },
  },
} as const satisfies Record<Op, Rules<never>>;

/** The options of an operation, with those that it needs. */
export type Sources<O extends Op> = SourceOptions & {
  readonly [N in keyof (typeof RULES)[O]['needed'] & Name]-?: NonNullable<SourceOptions[N]>;
};

/** @throws CliError if an option that the operation needs is missing, or is another operation's */
export function requireSources<O extends Op>(op: O, options: SourceOptions): asserts options is Sources<O> {
  const { needed, foreign }: Rules<never> = RULES[op];
  for (const [name, [rule, instead]] of Object.entries(foreign))
    if (options[name as Name] !== undefined && !tellsSquares(name, options))
      throw new CliError({
        code: 'option-foreign',
        value: flag(name),
        rule,
        remedy: instead === undefined ? 'leave it out' : `give ${instead}`,
      });
  for (const [name, [rule, example]] of Object.entries<readonly [string, string]>(needed))
    if (options[name as Name] === undefined)
      throw new CliError({
        code: 'option-missing',
        value: flag(name),
        rule,
        remedy: `add for example ${flag(name)} ${example}`,
      });
}

/** Weights [C,49] are of lines of 49 taps unless --kernel 7x7 says otherwise. */
function tellsSquares(name: string, { kernel, weight }: SourceOptions): boolean {
  return name === 'kernel' && kernel?.filter === 'square' && weight !== undefined;
}

/** `weightOutput` -> `--weight-output`. */
function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
