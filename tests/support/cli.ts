import { runProgram } from '../../cli/program.js';
import type { Sink, Streams } from '../../cli/ui.js';

/** What a command line left behind. */
export interface CliRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as cli/main.ts would. */
export async function cli(...argv: readonly string[]): Promise<CliRun> {
  const streams = captured();
  const exit = await runProgram(argv, streams);
  return { exit, stdout: streams.stdout.text, stderr: streams.stderr.text };
}

/** A stream that keeps what is written to it. */
export class CapturedSink implements Sink {
  text = '';
  readonly isTTY: boolean;

  constructor({ isTTY = false }: { readonly isTTY?: boolean } = {}) {
    this.isTTY = isTTY;
  }

  hasColors(): boolean {
    return this.isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

export function captured(): Streams & { readonly stdout: CapturedSink; readonly stderr: CapturedSink } {
  return { stdout: new CapturedSink(), stderr: new CapturedSink() };
}
