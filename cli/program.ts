import { Command, CommanderError, type Option } from 'commander';
import { VERSION } from '../generator/package.js';
import type { CliCommand } from './command.js';
import { COMMANDS } from './commands.js';
import { CliError, EXIT, type Exit, failure } from './errors.js';
import { type Streams, Ui } from './ui.js';

/** Runs one command line (without node and the script) and gives its exit code. Never throws. */
export async function runProgram(argv: readonly string[], streams: Streams): Promise<Exit> {
  let exit: Exit = EXIT.done;
  const program = newProgram(streams);
  for (const entry of COMMANDS) {
    const added = program.command(entry.name).description(entry.summary);
    // Without the module of a command that was not called, --help knows its name and summary, which is all it shows.
    if (argv.includes(entry.name))
      define(added, await entry.load(), streams, (code) => {
        exit = code;
      });
  }
  try {
    await program.parseAsync(commandLine(argv), { from: 'user' });
    return exit;
  } catch (error) {
    // Commander ends --help and --version by throwing, too.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const { exit, message } = failure(error, argv.includes('--debug'));
    streams.stderr.write(`${message}\n`);
    return exit;
  }
}

/** Of an unknown command, its name alone: beside --help or after `help`, commander would overlook it. */
function commandLine(argv: readonly string[]): readonly string[] {
  if (argv.length === 0) return ['--help'];
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  const name = first === 'help' ? second : first;
  return name === undefined || COMMANDS.some((entry) => entry.name === name) ? argv : [name];
}

function newProgram(streams: Streams): Command {
  const program = new Command('oriented1d')
    .description('Generates, tunes and runs kernels for oriented 1D depthwise convolutions.')
    .version(VERSION)
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--debug', 'print the stack of an error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => streams.stdout.write(text), writeErr: () => {} });
  return program.exitOverride(usageError(program));
}

function define(added: Command, command: CliCommand, streams: Streams, done: (exit: Exit) => void): void {
  command.define(added);
  for (const option of added.options) refuseRepeated(added, option);
  added.exitOverride(usageError(added)).action(async () => {
    const { json = false, ...options } = added.optsWithGlobals();
    refuseEmpty(added, options);
    const ui = new Ui(streams, { json });
    const outcome = await command.run(options as never, ui, added.args);
    const text = json ? JSON.stringify(outcome.document) : outcome.text;
    if (text !== '') streams.stdout.write(`${text}\n`);
    done(outcome.exit ?? EXIT.done);
  });
}

/** Of values that are given twice, commander takes the last and forgets the first. */
function refuseRepeated(command: Command, option: Option): void {
  if (!option.required) return; // a switch stays on
  let given = false;
  command.on(`option:${option.name()}`, () => {
    if (given)
      throw new CliError({
        code: 'option-repeated',
        value: option.long,
        rule: 'the option was given more than once',
        remedy: 'give it once, and lists with commas between their items',
      });
    given = true;
  });
}

/** No option or argument is of use without a value; an empty path would be the current folder. */
function refuseEmpty(command: Command, options: Readonly<Record<string, unknown>>): void {
  const option = command.options.find((one) => options[one.attributeName()] === '');
  const name = option?.long ?? (command.args.includes('') ? 'an argument' : undefined);
  if (name === undefined) return;
  throw new CliError({
    code: 'value-empty',
    value: '',
    rule: `${name} must not be empty`,
    remedy: `see oriented1d ${command.name()} --help`,
  });
}

/** Commander's complaints in our form: one line, with the way to the command's help. */
function usageError(command: Command): (error: CommanderError) => never {
  return (error) => {
    if (error.exitCode === 0) throw error;
    const path = command.parent ? `oriented1d ${command.name()}` : 'oriented1d';
    throw new CliError({
      code: error.code,
      value: command.name(),
      rule:
        error.code === 'commander.help'
          ? 'a command is missing'
          : error.message.replaceAll(/^error: |\.$/g, ''),
      remedy: `see ${path} --help`,
      cause: error,
    });
  };
}
