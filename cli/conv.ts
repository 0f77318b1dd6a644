import { type Command, Option } from 'commander';
import { LAYOUTS, OPS } from '../generator/problem.js';
import type { CliCommand } from './command.js';
import { differentiateFiles } from './conv_gradients.js';
import { convolveFiles } from './conv_images.js';
import type { ConvOptions } from './conv_options.js';
import { problemOption } from './problem_options.js';
import { built, extent, whole } from './values.js';

/** `oriented1d conv`: one convolution of arrays in files, or its gradients. */
export const conv: CliCommand<ConvOptions> = {
  define(command: Command): void {
    const dtype = built('the element type', ['f32'], ['f16', 'bf16']);
    command
      .addOption(
        new Option(
          '--op <op>',
          'operation: fprop; dgrad, wgrad or backward, the gradients of its input, of its weights and bias, or of all',
        )
          .choices(OPS)
          .default('fprop'),
      )
      .option('--input <x.npy>', 'images, [N,C,H,W] or [N,H,W,C]; not for dgrad')
      .option('--grad <dy.npy>', "for gradients: that of fprop's output, in the output's shape")
      .addOption(
        new Option('--size <HxW>', "dgrad: height and width of fprop's input, and of the result").argParser(
          extent,
        ),
      )
      .option('--weight <w.npy>', 'weights, [C,K], or [C,K,K] of square filters; not for wgrad')
      .addOption(problemOption.kernel())
      .option('--bias <b.npy>', 'fprop: bias, [C]')
      .option('--resid', 'add the input: 1 to the centre tap')
      .addOption(problemOption.angle().conflicts('angles'))
      .addOption(problemOption.angles())
      .addOption(problemOption.stride())
      .requiredOption('--output <y.npy>', 'where the result goes: y, dx, dw of wgrad')
      .option('--weight-output <dw.npy>', 'backward: where the gradient of the weights goes')
      .option('--bias-output <db.npy>', 'wgrad, backward: where the gradient of the bias goes, if anywhere')
      .addOption(imagesLayout())
      .addOption(new Option('--dtype <type>', 'element type: f32').argParser(dtype).default('f32'))
      .option('--target <target>', 'cpu, cpu:avx512, cpu:avx2, cpu:plain, or cuda', 'cpu')
      .option('--threads <count>', 'threads, one a core unless given', whole('the number of threads'))
      .addHelpText(
        'after',
        `\nExamples:
  oriented1d conv --input x.npy --weight w.npy --angle 22.5 --output y.npy
  oriented1d conv --input x.npy --weight w.npy --kernel 7x7 --output y.npy
  oriented1d conv --op dgrad --grad dy.npy --weight w.npy --size 56x56 --angle 22.5 --output dx.npy
  oriented1d conv --op wgrad --input x.npy --grad dy.npy --kernel 31 --angle 22.5 --output dw.npy --bias-output db.npy
  oriented1d conv --op backward --input x.npy --grad dy.npy --weight w.npy --angle 22.5 --output dx.npy --weight-output dw.npy`,
      );
  },

  run(options, ui) {
    const { op } = options;
    switch (op) {
      case 'fprop':
      case 'dgrad':
        return convolveFiles({ ...options, op }, ui);
      case 'wgrad':
      case 'backward':
        return differentiateFiles({ ...options, op }, ui);
      default:
        return op satisfies never;
    }
  },
};

/** Not nhwc as elsewhere: PyTorch's arrays are nchw. */
function imagesLayout(): Option {
  return new Option('--layout <layout>', "order of the arrays' dimensions, PyTorch's unless given")
    .choices(LAYOUTS)
    .default('nchw', 'nchw; other commands: nhwc');
}
