import { OrientedError } from '../generator/errors.js';

/** Something given on the command line, or a file named there, that cannot be used. */
export class CliError extends OrientedError {
  readonly fault = 'user';
}

/** A file that could be written when the command began, and now cannot: the disk is full, the reader is gone. */
export class OutputError extends OrientedError {
  readonly fault = 'system';
}

/** Those of signals are what shells say of a command that one has ended: 128 and its number. */
export const EXIT = Object.freeze({ done: 0, failed: 1, misused: 2, interrupted: 130, terminated: 143 });
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** What a failed command leaves: its exit code and what stderr says, one line unless the stack was asked for. */
export interface Failure {
  readonly exit: Exit;
  readonly message: string;
}

/** @param debug adds the stack, and those of the causes */
export function failure(error: unknown, debug: boolean): Failure {
  const user = error instanceof OrientedError && error.fault === 'user';
  const known = error instanceof OrientedError;
  const told = error instanceof Error ? error.message : String(error);
  const hint = known || debug ? '' : ' (unexpected: run again with --debug to see where)';
  const stack = debug ? `\n${stacks(error)}` : '';
  return {
    exit: user ? EXIT.misused : EXIT.failed,
    message: `oriented1d: ${told.replaceAll(/\s*\n\s*/g, ' ')}${hint}${stack}`,
  };
}

function stacks(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${stacks(error.cause) || String(error.cause)}`;
}
