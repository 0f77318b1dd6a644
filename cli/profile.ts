import { type Command, Option } from 'commander';
import type { Extent } from '../generator/problem.js';
import { standardConfig } from '../runtime/convnext/config.js';
import { stepGroups } from '../runtime/tasks/step_group.js';
import type { Checkpoint } from '../runtime/weights/checkpoint.js';
import { initialWeights } from '../runtime/weights/model/initial.js';
import { parameterCount, parameterList } from '../runtime/weights/model/parameters.js';
import { writeAside } from './atomic.js';
import type { CliCommand, Outcome } from './command.js';
import { openDevice, ranOn } from './device.js';
import { CliError } from './errors.js';
import {
  addRunOptions,
  addWeightsOptions,
  type ModelOptions,
  modelOn,
  networkDocument,
  openWeights,
} from './model_options.js';
import { assertOutputs } from './output.js';
import { preparing } from './preparing.js';
import { problemOption } from './problem_options.js';
import { profilePage } from './profile_page.js';
import { type ProfileReport, profileTotals } from './profile_report.js';
import { profileText } from './profile_table.js';
import type { Ui } from './ui.js';
import { whole } from './values.js';

interface ProfileOptions extends Omit<ModelOptions, 'weights'> {
  readonly weights?: string;
  readonly batch: number;
  readonly image?: Extent;
  readonly rounds: number;
  readonly report?: string;
}

const IMAGE: Extent = { height: 224, width: 224 };

/** `oriented1d profile`: where a network's time goes. */
export const profile: CliCommand<ProfileOptions> = {
  define(command: Command): void {
    addWeightsOptions(
      command,
      new Option('--weights <file>', 'checkpoint; random weights of --model and --variant unless given'),
    );
    command
      .addOption(problemOption.batch())
      .addOption(problemOption.image())
      .option(
        '--rounds <count>',
        'how often every step is timed; medians are shown',
        whole('the number of rounds'),
        20,
      )
      .option('--report <file.html>', 'write a page of it');
    addRunOptions(command);
    command.addHelpText(
      'after',
      '\nExample:\n  oriented1d profile --model tiny --variant 1d --batch 64 --target cuda --report profile.html',
    );
  },

  async run(options, ui): Promise<Outcome> {
    const { batch, image = IMAGE, rounds, report, weights, products, gelu } = options;
    if (report !== undefined) await assertOutputs([report], weights === undefined ? [] : [weights]);
    const checkpoint = await weightsOf(options, ui);
    const model = await modelOn(
      openDevice(options.target, options.threads),
      checkpoint,
      options,
      preparing(ui),
    );
    try {
      const made: ProfileReport = {
        kind: 'profile-report',
        config: model.config,
        parameters: parameterCount(parameterList(model.config)),
        batch,
        image,
        on: ranOn(model.device),
        profile: await model.profile({ batch, ...image, rounds }),
      };
      if (report !== undefined) await writeAside(report, profilePage(made, new Date()));
      return {
        document: { ...plain(made), products, gelu, ...(report !== undefined && { report }) },
        text: [profileText(made, ui), ...(report === undefined ? [] : [`wrote ${report}`])].join('\n'),
      };
    } finally {
      await model.close();
    }
  },
};

/** Times do not depend on what the numbers are. */
async function weightsOf({ weights, model, variant, ema }: ProfileOptions, ui: Ui): Promise<Checkpoint> {
  if (weights !== undefined) return openWeights({ weights, model, variant, ...(ema && { ema }) }, ui);
  if (model !== 'auto' && variant !== 'auto') return initialWeights(standardConfig(model, variant), 1);
  throw new CliError({
    code: 'network-missing',
    value: 'profile',
    rule: 'it is not said which network is to be timed',
    remedy: 'give --weights, or --model and --variant, for example --model tiny --variant 1d',
  });
}

/** For --json. Times in microseconds. */
function plain(report: ProfileReport): object {
  const { config, parameters, batch, image, on, profile } = report;
  const { flops, bytes: traffic, floor } = profileTotals(report);
  return {
    ...networkDocument(config),
    ...{ parameters, batch, image },
    ...on,
    ...{ flops, traffic, floor },
    ...profile,
    groups: stepGroups(profile.steps).map(({ steps, ...group }) => ({ ...group, steps: steps.length })),
  };
}
