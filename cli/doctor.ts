import type { Command } from 'commander';
import { type Check, checks } from './check.js';
import type { CliCommand } from './command.js';
import { EXIT } from './errors.js';
import type { Ui } from './ui.js';

/** `oriented1d doctor`: what this machine has, what it lacks, and the way to get it. */
export const doctor: CliCommand<Record<string, never>> = {
  define(command: Command): void {
    command.addHelpText('after', '\nEnds with 1 only if the native addon does not load.');
  },

  async run(_options, ui) {
    const seen = await checks();
    const broken = seen.some(({ state }) => state === 'broken');
    return {
      document: { ok: !broken, checks: seen },
      text: ui.table(
        ['', 'what', 'found'],
        seen.map((check) => row(check, ui)),
      ),
      exit: broken ? EXIT.failed : EXIT.done,
    };
  },
};

function row({ name, state, found, remedy }: Check, { paint }: Ui): readonly string[] {
  const mark = { fine: paint.green('✓'), missing: paint.yellow('–'), broken: paint.red('✗') }[state];
  return [mark, name, remedy === undefined ? found : `${found}\n→ ${paint.bold(remedy)}`];
}
