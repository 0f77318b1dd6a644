import { parse } from 'node:path';
import type { Command } from 'commander';
import { chosenConfig } from '../runtime/model/choice.js';
import { backbone, type CroppedLayer } from '../runtime/tasks/backbone.js';
import { fitWeights } from '../runtime/weights/model/fit_weights.js';
import { writeSafetensors } from '../runtime/weights/safetensors/write_safetensors.js';
import type { CliCommand, Outcome } from './command.js';
import { CliError } from './errors.js';
import {
  addWeightsOptions,
  networkDocument,
  networkText,
  openWeights,
  type WeightsOptions,
} from './model_options.js';
import { assertOutput, assertOutputs } from './output.js';
import { counted } from './words.js';

interface ConvertOptions extends WeightsOptions {
  readonly out: string;
}

/** `oriented1d convert`: a classifier's weights for a backbone of dense tasks. */
export const convert: CliCommand<ConvertOptions> = {
  define(command: Command): void {
    addWeightsOptions(command);
    command
      .requiredOption(
        '--out <file.safetensors>',
        'the same weights with shorter kernels, the classifier included',
      )
      .addHelpText(
        'after',
        `\nOriented kernels of 31 taps are cropped about their centres to 31, 31, 27 and 13 by stage, those of 15 taps to 15, 15, 15
and 13; square kernels stay as they are. What is written is read by every command that takes --weights.

Example:
  oriented1d convert --weights tiny_1d.pth --out backbone_1d.safetensors`,
      );
  },

  async run(options, ui): Promise<Outcome> {
    const { out, weights } = options;
    requireEnding(out);
    await assertOutputs([out], [weights]);
    const place = await placeOf(out);
    const checkpoint = await openWeights(options, ui);
    const config = chosenConfig(checkpoint, { size: options.model, variant: options.variant });
    const made = backbone(await fitWeights(checkpoint, config));
    await writeSafetensors(place, made.tensors, { metadata: { format: 'pt' } });
    return {
      document: { ...networkDocument(config), out, kernels: made.config.kernels, cropped: made.cropped },
      text: `wrote ${out}: ${networkText(config)}\n${croppedText(made.cropped)}`,
    };
  },
};

const ENDING = '.safetensors';

/** Programs go by a file's name, PyTorch's torch.load among them. @throws CliError */
function requireEnding(out: string): void {
  if (out.endsWith(ENDING)) return;
  throw new CliError({
    code: 'output-ending',
    value: out,
    rule: `weights are written in safetensors, and the name does not end in ${ENDING}`,
    remedy: `name for example ${parse(out).name || 'backbone'}${ENDING}`,
  });
}

/** Where the file really is, so that a link to it stays one. @throws CliError: a pipe cannot be replaced */
async function placeOf(out: string): Promise<string> {
  const { place, special } = await assertOutput(out);
  if (!special) return place;
  throw new CliError({
    code: 'output-special',
    value: out,
    rule: 'is no regular file, and weights are written aside and renamed',
    remedy: 'name a file',
  });
}

/** `cropped 6 layers: 3 from 31 to 27 taps, 3 from 31 to 13 taps`. */
function croppedText(cropped: readonly CroppedLayer[]): string {
  if (cropped.length === 0) return 'no kernel had to be cropped';
  const counts = new Map<string, number>();
  for (const { from, to } of cropped) {
    const change = `from ${from} to ${to} taps`;
    counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  const parts = [...counts].map(([change, count]) => `${count} ${change}`);
  return `cropped ${counted(cropped.length, 'layer')}: ${parts.join(', ')}`;
}
