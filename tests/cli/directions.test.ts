import { expect, it } from 'vitest';
import { inDirections } from '../../cli/directions.js';
import { problemName } from '../../generator/name.js';
import { problem } from '../../generator/problem.js';
import { cli } from '../support/cli.js';
import { smallLayer } from '../support/tuned.js';

const several = problem({ ...smallLayer(9), angles: [0, 45] });
const alone = several.angles.map((angle) => problem({ ...several, angles: [angle] }));
const square = problem({ ...smallLayer(9), filter: 'square', kernel: 3, angles: [] });

it.each([
  ['together', [several, alone[0]!, square]],
  ['alone', [...alone, alone[0]!, square]],
  ['both', [several, alone[0]!, square, ...alone]],
] as const)('layers of several angles %s', (which, expected) => {
  const layers = inDirections([several, alone[0]!, square], which);
  expect(layers.map(problemName)).toEqual(expected.map(problemName));
});

it('tune takes each angle alone, too', async () => {
  const layer = '--size 9x9 --kernel 3 --angles 0,45 --channels 16 --target cpu:plain'.split(' ');
  const planned = async (...more: string[]) => {
    const run = await cli('tune', ...layer, '--dry-run', '--json', ...more);
    return (JSON.parse(run.stdout) as { problems: { problem: string }[] }).problems.map((one) => one.problem);
  };
  const [together, each] = [await planned(), await planned('--directions', 'alone')];
  expect(together).toEqual([expect.stringContaining('_a0_45_')]);
  expect(each).toEqual([expect.stringContaining('_a0_'), expect.stringContaining('_a45_')]);
  expect(await planned('--directions', 'both')).toEqual([...together, ...each]);
});
