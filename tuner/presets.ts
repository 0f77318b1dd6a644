import { LAYOUTS, PAPER_ANGLES, type Problem, problem } from '../generator/problem.js';
import { TunerError } from './errors.js';

/** Problems that go by one name. */
interface Preset {
  readonly about: string;
  problems(batch: number): readonly Problem[];
}

const PRESETS: ReadonlyMap<string, Preset> = new Map([
  [
    'table5',
    {
      about:
        "the paper's Table 5: 512 channels, 14x14, 28x28 and 56x56, K = 7 and 31, eight angles in one layer",
      problems: (batch: number) => layouts([14, 28, 56], [7, 31], { channels: 512, stride: 1, batch }),
    },
  ],
  [
    'stem',
    {
      about:
        'the oriented layers of the 1d and 1dpp stems: 64 channels, 224x224 and 112x112 at stride 2, K = 31 and 15',
      problems: (batch: number) => layouts([224, 112], [31, 15], { channels: 64, stride: 2, batch }),
    },
  ],
  [
    'stage4',
    {
      about:
        "the last stage's layers of tiny 1d, and the wide ones of 1dpp: 7x7, 768 and 3072 channels, K = 31",
      problems: (batch: number) =>
        [768, 3072].flatMap((channels) => layouts([7], [31], { channels, stride: 1, batch })),
    },
  ],
]);

/** Layers of the paper's eight angles in both layouts, of each size and kernel length. */
function layouts(
  sizes: readonly number[],
  kernels: readonly number[],
  rest: Pick<Problem, 'channels' | 'stride' | 'batch'>,
): readonly Problem[] {
  return LAYOUTS.toReversed().flatMap((layout) =>
    sizes.flatMap((size) =>
      kernels.map((kernel) =>
        problem({ ...rest, layout, height: size, width: size, kernel, angles: PAPER_ANGLES }),
      ),
    ),
  );
}

export const PRESET_NAMES: readonly string[] = Object.freeze([...PRESETS.keys()]);

/** The problems of a preset. @throws TunerError if no preset has that name */
export function preset(name: string, batch: number): readonly Problem[] {
  const found = PRESETS.get(name);
  if (!found)
    throw new TunerError({
      code: 'preset-unknown',
      value: name,
      rule: `a preset is one of ${PRESET_NAMES.join(', ')}`,
      remedy: `use for example ${PRESET_NAMES[0]}, or describe a problem`,
    });
  return found.problems(batch);
}

/** What each preset holds, in a line, indented. */
export function presetHelp(): string {
  return [...PRESETS].map(([name, { about }]) => `  ${name}: ${about}`).join('\n');
}
