import type { Op, Problem } from '../generator/problem.js';
import { isModelPreset, type ModelOptions, preset } from '../tuner/presets.js';
import { isProblemFile, readProblems } from './problem_file.js';

/**
 * The problems of presets and of files of problems, in their order.
 * @param options of presets, and of a file's problems that do not say their batch or operation
 * @throws CliError for a file, TunerError for an unknown preset, ProblemError
 */
export function namedProblems(
  names: readonly string[],
  { batch, op, image, layout }: ModelOptions & { readonly batch: number; readonly op?: Op },
): readonly Problem[] {
  return names.flatMap((name) =>
    isProblemFile(name) ? readProblems(name, batch, op) : preset(name, batch, { image, layout, op }),
  );
}

/** Whether all are presets of models, which take --image and --layout. */
export function areModels(names: readonly string[]): boolean {
  return names.every(isModelPreset);
}
