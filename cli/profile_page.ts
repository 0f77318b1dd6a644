import { VERSION } from '../generator/package.js';
import { render } from '../generator/template.js';
import type { ProfiledStep } from '../runtime/model/profile.js';
import { type StepGroup, stepGroups } from '../runtime/tasks/step_group.js';
import { momentText, ratioText, timeText } from '../tuner/report/text.js';
import { whereText } from './device.js';
import { networkText } from './model_options.js';
import { amountText, type ProfileReport, profileTotals, rateText } from './profile_report.js';

/** A profile as one HTML page that needs nothing else: no network and no script. @throws TemplateError */
export function profilePage(report: ProfileReport, made: Date): string {
  const { config, batch, image, on, profile } = report;
  const groups = stepGroups(profile.steps);
  const longest = Math.max(...groups.map(({ time, floor }) => Math.max(time, floor)));
  return render('report/profile.html.hbs', {
    network: networkText(config),
    version: VERSION,
    images: `${batch === 1 ? 'an image' : `${batch} images`} of ${image.height}×${image.width}`,
    where: whereText(on),
    made: momentText(made.toISOString()),
    figures: figures(report),
    copyRate: `${(profile.copyRate / 1e9).toFixed(0)} GB/s`,
    groups: groups.map((group) => groupView(group, profile.total, longest)),
    steps: profile.steps.map((step) => ({
      name: step.name,
      kernel: step.kernel,
      ...numbers(step, profile.total),
    })),
  });
}

/** What the page says first. */
function figures(report: ProfileReport) {
  const { batch, parameters, profile } = report;
  const { flops, floor } = profileTotals(report);
  return [
    { value: timeText(profile.total), name: 'all steps in one go' },
    { value: ((1e6 * batch) / profile.total).toFixed(1), name: 'images a second' },
    { value: ratioText(profile.total / floor), name: 'the floor' },
    { value: amountText(parameters), name: 'parameters' },
    { value: `${amountText(flops / batch)}FLOP`, name: 'an image' },
    { value: `${amountText(profile.bytes)}B`, name: 'of memory' },
  ];
}

function groupView(group: StepGroup, total: number, longest: number) {
  return {
    name: group.name,
    count: group.steps.length,
    ...numbers(group, total),
    bar: ((100 * group.time) / longest).toFixed(1),
    tick: ((100 * group.floor) / longest).toFixed(1),
  };
}

function numbers({ time, floor, flops }: Pick<ProfiledStep, 'time' | 'floor' | 'flops'>, total: number) {
  return {
    time: timeText(time),
    share: `${((100 * time) / total).toFixed(1)} %`,
    floor: timeText(floor),
    toFloor: ratioText(time / floor),
    rate: flops === 0 ? '–' : rateText(flops, time),
  };
}
