import { parseArgs } from 'node:util';

export interface Options {
  readonly weights: string;
  /** A file of names, one a line. */
  readonly labels: string | undefined;
  /** 0 for any that is free. */
  readonly port: number;
  /** Images of one run, at most. */
  readonly batch: number;
  /** How long the first image of a batch waits for others, in milliseconds. */
  readonly wait: number;
  /** Of the square that images are cropped to, in pixels. */
  readonly side: number;
  /** Requests at a time, at most. */
  readonly requests: number;
}

/** What is wrong with the command line. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { weights, labels, ...numbers } = parsed(args);
  if (weights === undefined) throw new UsageError('give --weights FILE, a checkpoint');
  return {
    ...{ weights, labels },
    port: whole('port', numbers.port, 0, 65_535),
    batch: whole('batch', numbers.batch, 1),
    wait: whole('wait', numbers.wait, 0),
    side: whole('side', numbers.side, 1),
    requests: whole('requests', numbers.requests, 1),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        weights: { type: 'string' },
        labels: { type: 'string' },
        port: { type: 'string', default: '8080' },
        batch: { type: 'string', default: '16' },
        wait: { type: 'string', default: '5' },
        side: { type: 'string', default: '224' },
        requests: { type: 'string', default: '256' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function whole(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  // An empty text is no 0.
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  const end = most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : '';
  throw new UsageError(`--${name} '${text}': must be a whole number from ${least}${end}`);
}
