import type { ModelConfig } from '../runtime/convnext/config.js';
import type { Evaluated } from '../runtime/tasks/evaluate.js';
import { type RanOn, whereText } from './device.js';
import { networkDocument, networkText } from './model_options.js';
import type { Ui } from './ui.js';

/** An image, or a folder of images, that was left out, and why. */
export interface ImageFailure {
  /** Its path. */
  readonly image: string;
  readonly rule: string;
}

export interface EvalResult {
  readonly made: Evaluated;
  /** All of them for --json, else those that are told. */
  readonly failures: readonly ImageFailure[];
  readonly config: ModelConfig;
  /** One for each device, all of one model. */
  readonly on: readonly RanOn[];
}

/** Failures that are told one by one. */
export const TOLD = 20;

export function evalDocument({ made, failures, config, on }: EvalResult): object {
  return {
    ...networkDocument(config),
    ...on[0],
    ...(on.length > 1 && { devices: on.length }),
    ...made,
    imagesPerSecond: made.images / made.seconds,
    failures,
  };
}

export function evalText({ made, failures, config, on }: EvalResult, ui: Ui): string {
  const where = `${whereText(on[0]!)}${on.length > 1 ? `, ${on.length} of them` : ''}`;
  return [
    table(made, ui),
    ...failureLines(failures, made.failed),
    `ran ${networkText(config)}, on ${where}`,
  ].join('\n');
}

function table({ images, failed, top1, top5, loss, seconds }: Evaluated, ui: Ui): string {
  return ui.table(
    ['acc@1', 'acc@5', 'loss', 'images', 'left out', 'images/s'],
    [[percent(top1), percent(top5), loss.toFixed(4), images, failed, (images / seconds).toFixed(1)]],
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}

function failureLines(failures: readonly ImageFailure[], failed: number): readonly string[] {
  if (failed === 0) return [];
  const rest = failed - failures.length;
  return [
    'left out, since they cannot be read:',
    ...failures.map(({ image }) => `  ${image}`),
    ...(rest > 0 ? [`  and ${rest} more, see --json`] : []),
  ];
}
