import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose tests compile a lot, or wait for processes. */
const LONG =
  /\/tests\/(emulated|package|generator\/families|runtime\/plan|tuner\/(isolation|trial))\/|\/tests\/(tuner|runtime)\/[^/]+$/;

/** Long files first, so that workers end together, and those that share a process one after the other. Else as Vitest would. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [0, 1, 2, 3].flatMap((rank) => sorted.filter((file) => rankOf(file) === rank));
  }
}

function rankOf({ moduleId, project }: TestSpecification): number {
  return (project.config.isolate ? 0 : 2) + (LONG.test(moduleId) ? 0 : 1);
}
