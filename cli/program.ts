import { Command, CommanderError } from 'commander';
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
    await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' });
    return exit;
  } catch (error) {
    // Commander ends --help and --version by throwing, too.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const { exit, message } = failure(error, argv.includes('--debug'));
    streams.stderr.write(`${message}\n`);
    return exit;
  }
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
  added.exitOverride(usageError(added)).action(async () => {
    const { json = false, ...options } = added.optsWithGlobals();
    const ui = new Ui(streams, { json });
    const outcome = await command.run(options as never, ui, added.args);
    const text = json ? JSON.stringify(outcome.document) : outcome.text;
    if (text !== '') streams.stdout.write(`${text}\n`);
    done(outcome.exit ?? EXIT.done);
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
