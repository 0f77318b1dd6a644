import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { openDecoders } from '../runtime/image/decoders.js';
import type { ImageError } from '../runtime/image/errors.js';
import type { Model } from '../runtime/model.js';
import { type Evaluated, evaluate } from '../runtime/tasks/evaluate.js';
import { type ImageFolder, openImageFolder } from '../runtime/tasks/image_folder.js';
import { sideOption } from './classify.js';
import type { CliCommand, Outcome } from './command.js';
import { ranOn } from './device.js';
import { CliError } from './errors.js';
import { type EvalResult, evalDocument, evalText, type ImageFailure, TOLD } from './eval_result.js';
import { openDevices } from './gpus.js';
import { readLabels } from './model_input.js';
import {
  addRunOptions,
  addWeightsOptions,
  type ModelOptions,
  modelOn,
  openWeights,
} from './model_options.js';
import { DEFAULT_POOL } from './more_threads.js';
import { remarkLogits } from './not_finite.js';
import { preparing } from './preparing.js';
import { gpuList } from './tuning_values.js';
import type { Ui } from './ui.js';
import { whole } from './values.js';
import { counted } from './words.js';

interface EvalOptions extends ModelOptions {
  readonly batch: number;
  readonly side: number;
  readonly labels?: string;
  readonly gpus?: readonly number[];
  readonly decoders: number;
}

/** More threads than this are waiting for the disk, or for memory. */
const MOST_DECODERS = 32;
/** Threads of Node's own, which pictures are decompressed on; how many, it is told before it starts, see more_threads.ts. */
const POOL = Number(process.env.UV_THREADPOOL_SIZE ?? DEFAULT_POOL);

/** `oriented1d eval`: how well a network classifies a folder of images. */
export const evalCommand: CliCommand<EvalOptions> = {
  define(command: Command): void {
    command.argument(
      '<image-folder>',
      'a folder for each class, as torchvision has it: labels are their names, sorted',
    );
    addWeightsOptions(command);
    command
      .option('--batch <B>', 'images of one run', whole('the batch'), 64)
      .addOption(sideOption())
      .option(
        '--labels <file>',
        'names of the folders, one a line in the order of the classes, some of which may have none',
      )
      .option(
        '--decoders <count>',
        'threads that load images',
        whole('the number of threads'),
        Math.min(MOST_DECODERS, availableParallelism()),
      );
    addRunOptions(command);
    command
      .addOption(
        new Option('--gpus <list>', 'numbers of GPUs, all of one model unless given').argParser(gpuList),
      )
      .addHelpText(
        'after',
        `\nImages are taken as they are stored, whatever their EXIF data say, as networks are trained and judged. Those that cannot be
read are named and left out, and folders as well. No more are decompressed at a time than there are cores, or than UV_THREADPOOL_SIZE says.

Example:
  oriented1d eval imagenet/val --weights tiny_1d.pth --batch 256 --target cuda`,
      );
  },

  async run(options, ui, [path]): Promise<Outcome> {
    const checkpoint = await openWeights(options, ui);
    const { devices, leftOut } = openDevices(options);
    for (const line of leftOut) ui.note(line);
    const models: Model[] = [];
    try {
      for (const device of devices) {
        const onProgress = device === devices[0] ? preparing(ui) : undefined; // the others do the same meanwhile
        models.push(await modelOn(device, checkpoint, options, onProgress));
      }
      const { config } = models[0]!;
      const folder = await labelledFolder(path!, config.classes, options.labels);
      const failures: ImageFailure[] = [];
      const made = await evaluated(folder, models, options, ui, ({ value, rule }) => {
        if (ui.json || failures.length < TOLD) failures.push({ image: String(value), rule });
      });
      remarkLogits(Number.isFinite(made.loss), ui); // what is wrong with a logit is wrong with the loss
      const result: EvalResult = { made, failures, config, on: models.map(({ device }) => ranOn(device)) };
      const { batch, side, products, gelu } = options;
      return {
        document: { folder: path, batch, side, products, gelu, ...evalDocument(result) },
        text: evalText(result, ui),
      };
    } finally {
      await Promise.all(models.map((model) => model.close()));
    }
  },
};

async function labelledFolder(
  path: string,
  classes: number,
  labels: string | undefined,
): Promise<ImageFolder> {
  if (labels !== undefined) return openImageFolder(path, await readLabels(labels, classes));
  const folder = await openImageFolder(path);
  if (folder.classes.length === classes) return folder;
  throw new CliError({
    code: 'folder-classes',
    value: path,
    rule: `holds ${counted(folder.classes.length, 'folder')}, and the network has ${classes} classes: which is which cannot be told`,
    remedy:
      'name the folder of all classes, or give the names of its folders in the order of the classes with --labels',
  });
}

async function evaluated(
  folder: ImageFolder,
  models: readonly Model[],
  { batch, side, decoders: count }: EvalOptions,
  ui: Ui,
  onFailure: (error: ImageError) => void,
): Promise<Evaluated> {
  if (count > POOL)
    ui.note(
      `${POOL} of ${count} threads decode at a time: set UV_THREADPOOL_SIZE=${count} to let all of them do`,
    );
  const decoders = openDecoders(count, { side });
  const progress = ui.progress('classes', folder.folders.length);
  try {
    const images = folder.images((name) => progress.step(name));
    const made = await evaluate(images, {
      models,
      batch,
      side,
      width: count,
      load: decoders.load,
      onFailure,
    });
    if (made.images === 0) throw noImages(folder, made);
    return made;
  } finally {
    progress.stop();
    await decoders.close();
  }
}

function noImages({ path }: ImageFolder, { failed }: Evaluated): CliError {
  return new CliError({
    code: 'folder-images-none',
    value: path,
    rule:
      failed === 0
        ? 'holds no images in its folders'
        : `holds images and folders of which none can be read, ${failed} in all`,
    remedy: 'name a folder that holds one folder of images for each class',
  });
}
