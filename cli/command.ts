import type { Command } from 'commander';
import type { Exit } from './errors.js';
import type { Ui } from './ui.js';

/** What a command has to say. The program prints it, so that with --json stdout holds one document and nothing else. */
export interface Outcome {
  /** Printed with --json. Plain data. */
  readonly document: object;
  /** Printed otherwise; empty prints nothing. */
  readonly text: string;
  /** Exit code, 0 unless given. */
  readonly exit?: Exit;
}

/**
 * One command, in a file of its own under cli/ and listed in cli/commands.ts.
 * `Options` is what commander makes of the options that `define` adds.
 */
export interface CliCommand<Options = never> {
  /** Adds arguments, options and examples. */
  define(command: Command): void;
  /** Does the work. Throws an OrientedError if it cannot; talks through `ui`, never straight to a stream. */
  run(options: Options, ui: Ui, args: readonly string[]): Promise<Outcome>;
}
