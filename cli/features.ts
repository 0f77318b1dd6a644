import { join } from 'node:path';
import type { Command } from 'commander';
import { type Planes, stageFeatures } from '../runtime/tasks/features.js';
import { ensureFolder, writeAllAside } from './atomic.js';
import type { CliCommand, Outcome } from './command.js';
import { ranOn, whereText } from './device.js';
import { readImages } from './model_input.js';
import {
  addRunOptions,
  addWeightsOptions,
  type ModelOptions,
  networkDocument,
  networkText,
  openModel,
} from './model_options.js';
import { encodeNpy, shapeText } from './npy.js';
import { assertOutputs } from './output.js';
import { whole } from './values.js';

interface FeaturesOptions extends ModelOptions {
  readonly input: string;
  readonly out: string;
  readonly batch: number;
}

const STAGES = ['stage0', 'stage1', 'stage2', 'stage3'] as const;

/** `oriented1d features`: what a network's stages make of images. */
export const features: CliCommand<FeaturesOptions> = {
  define(command: Command): void {
    addWeightsOptions(command);
    command
      .requiredOption(
        '--input <x.npy>',
        'images [N,3,H,W], normalised as for training, of any size from 32x32',
      )
      .requiredOption(
        '--out <dir>',
        `folder that ${STAGES[0]}.npy to ${STAGES[3]}.npy are written into, [N,C,H,W] at strides 4 to 32`,
      )
      .option('--batch <B>', 'images of one run, at most', whole('the batch'), 64);
    addRunOptions(command);
    command.addHelpText(
      'after',
      '\nExample:\n  oriented1d features --input x.npy --weights tiny_1d.pth --out maps',
    );
  },

  async run(options, ui): Promise<Outcome> {
    const { input, out, weights, batch, products, gelu } = options;
    const images = await readImages(input, ui);
    const model = await openModel(options, ui);
    try {
      ensureFolder(out);
      await assertOutputs(
        STAGES.map((name) => fileOf(out, name)),
        [input, weights],
      );
      const made = await stageFeatures(model, images, batch);
      await writeAllAside(
        made.map(({ name, shape, data }) => ({ path: fileOf(out, name), content: encodeNpy(shape, data) })),
      );
      const on = ranOn(model.device);
      return {
        document: {
          ...networkDocument(model.config),
          ...on,
          ...{ products, gelu },
          features: made.map(({ name, shape }) => ({ file: fileOf(out, name), shape })),
        },
        text: [
          ...made.map((one) => `wrote ${fileOf(out, one.name)}, float32 ${shapeText(one.shape)}`),
          `ran ${networkText(model.config)}, on ${whereText(on)}`,
        ].join('\n'),
      };
    } finally {
      await model.close();
    }
  },
};

function fileOf(folder: string, name: Planes['name']): string {
  return join(folder, `${name}.npy`);
}
