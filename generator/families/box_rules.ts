import { groups } from '../group.js';
import type { Problem } from '../problem.js';
import { hasCopyEngine } from '../target.js';
import type { MakeRule } from './cuda_rules.js';
import type { Rule } from './family.js';
import { straightLineRule } from './limits.js';

/** What families have in common that fetch boxes of a plane's channels, in NHWC. */
interface BoxParams {
  /** Of a block. */
  readonly channels: number;
  /** Of a line. */
  readonly tiles: number;
}

/**
 * Where there are boxes, and which channels they hold.
 * @param channelsRule which of them a family takes at all; left out: 16 and 32
 */
export function boxRules<T extends BoxParams>(
  rule: MakeRule<T>,
  channelsRule: Rule = wholeWarpRule(rule),
): readonly Rule[] {
  return [
    copyEngineRule(rule),
    straightLineRule,
    channelsRule,
    // A block has channels of one direction only; multiples of 4 also make steps of 16 bytes, as the copy engine wants.
    rule('channel-group', (problem, { channels }) =>
      dividesGroups(problem, channels) ? undefined : `groups of channels are no multiples of ${channels}`,
    ),
  ];
}

/** Where there are boxes at all. */
export function copyEngineRule<T>(rule: MakeRule<T>): Rule {
  return rule('architecture', (_problem, _params, { arch }) =>
    hasCopyEngine(arch)
      ? undefined
      : `${arch} has no copy engine that takes tensor maps; sm_90 and newer have`,
  );
}

/** Whether each direction has whole blocks of so many channels. */
export function dividesGroups(problem: Problem, channels: number): boolean {
  return groups(problem).every(({ from, to }) => from % channels === 0 && to % channels === 0);
}

function wholeWarpRule<T extends BoxParams>(rule: MakeRule<T>): Rule {
  // A box of 8 channels is fetched in pieces of 32 bytes, which the L2 cannot answer as fast as memory.
  return rule('channels', (_, { channels }) =>
    channels === 16 || channels === 32 ? undefined : `${channels} channels a block are neither 16 nor 32`,
  );
}

/** A line has no more tiles than places. */
export function tileCountRule<T extends Pick<BoxParams, 'tiles'>>(rule: MakeRule<T>): Rule {
  return rule('tile-count', ({ height, width }, { tiles }) =>
    tiles >= 1 && tiles <= Math.max(height, width)
      ? undefined
      : `lines of a plane of ${height}x${width} have no ${tiles} tiles`,
  );
}
