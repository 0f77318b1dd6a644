import { readFile } from 'node:fs/promises';
import type { Images } from '../runtime/model/images.js';
import { systemReason } from '../runtime/system_reason.js';
import { imagesShape, readArray } from './conv_arrays.js';
import { CliError } from './errors.js';
import { shapeText } from './npy.js';
import type { Ui } from './ui.js';
import { counted } from './words.js';

/** Images as a network takes them, from a `.npy` file. @throws CliError unless it holds [N,3,H,W] */
export async function readImages(file: string, ui: Ui): Promise<Images> {
  const array = await readArray(file, ui);
  const { batch, channels, height, width } = imagesShape(array, 'nchw', 'an input');
  if (channels === 3) return { data: array.data, batch, height, width };
  throw new CliError({
    code: 'input-channels',
    value: file,
    rule: `an input is [N,3,H,W], red, green and blue normalised as for training; this one is ${shapeText(array.shape)}`,
    remedy: 'convert it in NumPy, for example x.transpose(0, 3, 1, 2) of [N,H,W,3]',
  });
}

/** Names of the classes, one a line in their order. @throws CliError unless there is one for each class */
export async function readLabels(file: string, classes: number): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new CliError({
      code: 'labels-unreadable',
      value: file,
      rule: `cannot be read: ${systemReason(cause)}`,
      remedy: 'name a text file with the name of a class on each line',
      cause,
    });
  });
  const names = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (names.length === classes) return names;
  throw new CliError({
    code: 'labels-count',
    value: file,
    rule: `has ${counted(names.length, 'line')}, and the network ${classes} classes`,
    remedy: 'name every class of the network, in the order in which it was trained with them',
  });
}
