import { type Command, Option } from 'commander';
import type { ImageError } from '../runtime/image/errors.js';
import type { Logits } from '../runtime/model/results.js';
import type { Model } from '../runtime/model.js';
import { classify as classifyAll, classifyFiles } from '../runtime/tasks/classify.js';
import { topClasses } from '../runtime/tasks/top_classes.js';
import { writeAside } from './atomic.js';
import { classifiedDocument, classifiedTable } from './classified.js';
import type { CliCommand, Outcome } from './command.js';
import { ranOn, whereText } from './device.js';
import { CliError } from './errors.js';
import { readImages, readLabels } from './model_input.js';
import {
  addRunOptions,
  addWeightsOptions,
  type ModelOptions,
  networkDocument,
  networkText,
  openModel,
} from './model_options.js';
import { areFinite, remarkLogits } from './not_finite.js';
import { encodeNpy } from './npy.js';
import { assertOutputs } from './output.js';
import type { Ui } from './ui.js';
import { whole } from './values.js';

interface ClassifyOptions extends ModelOptions {
  readonly input?: string;
  readonly top: number;
  readonly labels?: string;
  readonly logits?: string;
  readonly side: number;
  readonly batch: number;
}

/** `oriented1d classify`: what a network takes images for. */
export const classify: CliCommand<ClassifyOptions> = {
  define(command: Command): void {
    command.argument(
      '[images...]',
      'JPEG, PNG, WebP, AVIF, GIF or TIFF files, each turned upright as its EXIF data say',
    );
    addWeightsOptions(command);
    command
      .option(
        '--input <x.npy>',
        'instead of image files: [N,3,H,W], normalised as for training, of any size from 32x32',
      )
      .option('--top <count>', 'likeliest classes to show', whole('the number of classes'), 5)
      .option('--labels <file>', 'names of the classes, one a line; numbers are shown unless given')
      .option('--logits <y.npy>', 'write what comes before softmax, [N,classes]')
      .addOption(sideOption())
      .option('--batch <B>', 'images of one run, at most', whole('the batch'), 64);
    addRunOptions(command);
    command.addHelpText(
      'after',
      `\nImages that cannot be read are named and left out.

Examples:
  oriented1d classify photo.jpg --weights tiny_1d.pth --labels imagenet.txt
  oriented1d classify --input x.npy --weights tiny_1d.pth --logits y.npy`,
    );
  },

  async run(options, ui, files): Promise<Outcome> {
    requireOneInput(options, files);
    const { labels, logits: out, products, gelu } = options;
    if (out !== undefined) await assertOutputs([out], inputsOf(options, files));
    const model = await openModel(options, ui);
    try {
      const names = labels === undefined ? undefined : await readLabels(labels, model.config.classes);
      const { logits, batch, classes, shown, failures } = await classified(model, options, files, ui);
      if (out !== undefined) await writeAside(out, encodeNpy([batch, classes], logits));
      remarkLogits(areFinite(logits), ui);
      const images = Array.from({ length: batch }, (_, i) => ({
        image: shown[i]!,
        top: topClasses(logits.subarray(i * classes, (i + 1) * classes), options.top),
      }));
      const on = ranOn(model.device);
      return {
        document: {
          ...networkDocument(model.config),
          ...on,
          ...{ products, gelu },
          images: images.map((one) => classifiedDocument(one, names)),
          failures: failures.map(({ value: image, rule }) => ({ image, rule })),
          ...(out !== undefined && { logits: out }),
        },
        text: [
          classifiedTable(images, names, ui),
          ...(out === undefined ? [] : [`wrote ${out}, float32 (${batch}, ${classes})`]),
          `ran ${networkText(model.config)}, on ${whereText(on)}`,
        ].join('\n'),
      };
    } finally {
      await model.close();
    }
  },
};

/** Of the square that images become. */
export function sideOption(): Option {
  return new Option(
    '--side <pixels>',
    'images are scaled to 256/224 of this on the shorter side, and their middle is taken, a square of this side',
  )
    .argParser(whole('the side', 32))
    .default(224);
}

/** Logits, and what they are of. */
interface Made extends Logits {
  /** Files, or the numbers of an array's images. */
  readonly shown: readonly (string | number)[];
  /** Of files that are left out. */
  readonly failures: readonly ImageError[];
}

async function classified(
  model: Model,
  { input, batch: most, side }: ClassifyOptions,
  files: readonly string[],
  ui: Ui,
): Promise<Made> {
  if (input !== undefined) {
    const made = await classifyAll(model, await readImages(input, ui), most);
    return { ...made, shown: Array.from({ length: made.batch }, (_, i) => i), failures: [] };
  }
  const failures: ImageError[] = [];
  const onFailure = (error: ImageError) => {
    failures.push(error);
    if (files.length > 1) ui.note(`left out: ${error.message}`);
  };
  const made = await classifyFiles(model, files, { most, side, upright: true, onFailure });
  if (made.batch === 0) throw files.length === 1 ? failures[0] : noImages(files);
  return { ...made, shown: made.paths, failures };
}

function noImages(files: readonly string[]): CliError {
  return new CliError({
    code: 'images-none',
    value: files[0],
    rule: `none of ${files.length} images can be read, of which this is the first`,
    remedy: 'name the files of images',
  });
}

function inputsOf({ input, weights, labels }: ClassifyOptions, files: readonly string[]): readonly string[] {
  return [...files, ...[input, weights, labels].filter((file) => file !== undefined)];
}

function requireOneInput({ input }: ClassifyOptions, files: readonly string[]): void {
  if ((input === undefined) !== (files.length === 0)) return;
  throw new CliError({
    code: input === undefined ? 'images-missing' : 'images-twice',
    value: input ?? 'classify',
    rule:
      input === undefined
        ? 'there is nothing to classify'
        : 'an array is classified instead of image files, and both are given',
    remedy: 'name image files, or an array with --input x.npy',
  });
}
