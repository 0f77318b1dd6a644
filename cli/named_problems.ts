import type { Op, Problem } from '../generator/problem.js';
import { isModelPreset, type PresetOptions, preset } from '../tuner/presets.js';
import { isProblemFile, readProblems } from './problem_file.js';
import { counted } from './words.js';

/** What was asked for on the command line, and where to say that a file's problems have it otherwise. */
export interface Asked {
  readonly batch?: number | undefined;
  readonly op?: Op | undefined;
  readonly note: (line: string) => void;
}

/**
 * The problems of presets and of files of problems, in their order.
 * @param options of presets, and of a file's problems that do not say their batch or operation
 * @throws CliError for a file, TunerError for an unknown preset, ProblemError
 */
export function namedProblems(
  names: readonly string[],
  { batch, op, image, layout }: PresetOptions & { readonly batch: number; readonly op?: Op | undefined },
  asked?: Asked,
): readonly Problem[] {
  return names.flatMap((name) => {
    if (!isProblemFile(name)) return preset(name, batch, { image, layout, op });
    const problems = readProblems(name, batch, op);
    if (asked) noteOverruled(name, problems, asked);
    return problems;
  });
}

/** Says which options a file's problems do not follow, since they say themselves what they are. */
function noteOverruled(file: string, problems: readonly Problem[], asked: Asked): void {
  for (const [field, noun] of [
    ['batch', 'a batch'],
    ['op', 'an op'],
  ] as const) {
    const own = problems.filter((one) => asked[field] !== undefined && one[field] !== asked[field]).length;
    if (own > 0)
      asked.note(`${file}: ${counted(own, 'problem')} with ${noun} of their own, whatever --${field} says`);
  }
}

/** Whether all are presets of models, which take --image and --layout. */
export function areModels(names: readonly string[]): boolean {
  return names.every(isModelPreset);
}
