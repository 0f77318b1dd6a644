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
      problems: (batch: number) =>
        LAYOUTS.toReversed().flatMap((layout) =>
          [14, 28, 56].flatMap((size) =>
            [7, 31].map((kernel) =>
              problem({
                layout,
                height: size,
                width: size,
                kernel,
                angles: PAPER_ANGLES,
                batch,
                channels: 512,
              }),
            ),
          ),
        ),
    },
  ],
]);

export const PRESET_NAMES: readonly string[] = Object.freeze([...PRESETS.keys()]);

/** The problems of a preset. @throws TunerError if no preset has that name */
export function preset(name: string, batch: number): readonly Problem[] {
  const found = PRESETS.get(name);
  if (!found)
    throw new TunerError({
      code: 'preset-unknown',
      value: name,
      rule: `a preset is one of ${PRESET_NAMES.join(', ')}`,
      remedy: `use for example \`tune ${PRESET_NAMES[0]}\`, or describe a problem by its flags`,
    });
  return found.problems(batch);
}

/** What a preset holds, in a line. */
export function presetHelp(): string {
  return [...PRESETS].map(([name, { about }]) => `${name}: ${about}`).join('\n');
}
