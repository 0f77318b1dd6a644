import { effectChart } from '../charts/effect_chart.js';
import type { Direction } from '../direction.js';
import type { Drawings } from '../drawings.js';
import type { ProblemReport } from '../report.js';
import { countText, problemText, ratioText } from '../text.js';

/** All that a page says of one problem. */
export function problemView(report: ProblemReport, id: string, drawings: Drawings) {
  const { problem, winner, failures, commands, directions, effects } = report;
  return {
    id,
    problem: problemText(problem),
    schedule: winner?.schedule ?? 'none passed yet',
    result: winner ? ratioText(winner.toFloor) : '',
    commands: [commands.tune, commands.generate].flatMap((command) => (command ? [wordsOf(command)] : [])),
    outdated: winner !== undefined && !winner.current,
    effects: effectsOf(effects, report),
    directions: directions.map((direction) => directionView(direction, drawings)),
    failed: failures.length > 0,
    failures: failures.map(({ verdict, reason, schedules }) => ({
      verdict,
      reason,
      trials: countText(schedules.length, 'trial'),
      schedules: schedules.join('\n'),
    })),
  };
}

/** A command line in pieces that belong on one line, an option with its value. */
function wordsOf(command: string): readonly string[] {
  return command.split(/ (?=--)/);
}

function effectsOf(effects: ProblemReport['effects'], { curve: { steps } }: ProblemReport) {
  const fastest = steps.at(-1)?.best;
  if (fastest === undefined) return [];
  return effects.flatMap((family) => {
    const chart = effectChart(family, fastest);
    return chart === undefined ? [] : [{ family: family.family, chart }];
  });
}

function directionView(direction: Direction, drawings: Drawings) {
  const { angle, channels, taps, tile } = direction;
  const { id, width, height } = drawings.add(direction);
  const read = countText(taps.taps.length, 'tap');
  const words = tile
    ? `${read}, ${countText(tile.outputs.length, 'output')}, ${countText(tile.loads.length, 'load')}`
    : read;
  return {
    id,
    width,
    height,
    angle: angle === null ? 'square' : `${angle}°`,
    channels: countText(channels, 'channel'),
    words,
  };
}
