import { type StepGroup, stepGroups } from '../runtime/tasks/step_group.js';
import { whereText } from './device.js';
import { networkText } from './model_options.js';
import { amountText, type ProfileReport, profileTotals, rateText } from './profile_report.js';
import type { Ui } from './ui.js';
import { counted, microseconds } from './words.js';

/** A row for alike steps of a stage, and what they come to. */
export function profileText(report: ProfileReport, ui: Ui): string {
  const { config, parameters, batch, image, on, profile } = report;
  const { total, copyRate, bytes } = profile;
  const { flops, floor } = profileTotals(report);
  const rows = stepGroups(profile.steps).map((group) => row(group, total));
  return [
    ui.table(['step', 'times', 'time', 'share', 'floor', 'to floor', 'rate', 'by'], rows),
    `all in one go: ${microseconds(total)}, ${((1e6 * batch) / total).toFixed(1)} images/s, ${(total / floor).toFixed(2)} x the floor`,
    `the floor is a copy of the bytes that steps read and write, at ${(copyRate / 1e9).toFixed(0)} GB/s`,
    `${networkText(config)}: ${amountText(parameters)} parameters, ${amountText(flops / batch)}FLOP an image; ${amountText(bytes)}B of memory`,
    `ran ${counted(batch, 'image')} of ${image.height}x${image.width} on ${whereText(on)}`,
  ].join('\n');
}

function row(
  { name, steps, kernels, time, floor, flops }: StepGroup,
  total: number,
): readonly (string | number)[] {
  return [
    name,
    steps.length,
    microseconds(time),
    `${((100 * time) / total).toFixed(1)} %`,
    microseconds(floor),
    `${(time / floor).toFixed(2)} x`,
    flops === 0 ? '-' : rateText(flops, time),
    kernels.length === 1 ? kernels[0]! : `${kernels[0]} and ${kernels.length - 1} more`,
  ];
}
