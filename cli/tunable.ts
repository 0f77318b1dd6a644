import { totalmem } from 'node:os';
import { problemName } from '../generator/name.js';
import type { Problem } from '../generator/problem.js';
import { anyCandidate } from '../generator/space.js';
import { type Target, targetName } from '../generator/target.js';
import { VERIFIED_IMAGES } from '../tuner/trial/operands.js';
import { setBytes, type TensorUse, tensorsOf } from '../tuner/trial/tensors.js';
import { yardstickBytes } from '../tuner/trial/yardstick.js';
import { CliError } from './errors.js';
import { generalWords } from './general.js';

/**
 * Says before a database is opened that a problem has no kernel to tune, or that its tensors do not fit this machine.
 * @throws CliError
 */
export function assertTunable(problems: readonly Problem[], target: Target): void {
  for (const problem of problems) {
    assertCandidate(problem, target);
    assertFits(problem, memoryBytes());
  }
}

/** @throws CliError if no kernel of a problem is legal, with the refusal of one that came close to it */
export function assertCandidate(problem: Problem, target: Target): void {
  const closest = anyCandidate(problem, target);
  if (closest?.kind === 'schedule') return;
  const why = closest
    ? `rule ${closest.rule} of ${closest.family}: ${closest.reason}`
    : 'no family is for this target';
  throw new CliError({
    code: 'no-candidate',
    value: problemName(problem),
    rule: `no kernel on ${targetName(target)} is legal (${why})`,
    remedy: wayOut(problem, closest?.rule),
  });
}

function wayOut(problem: Problem, rule: string | undefined): string {
  const general = generalWords(problem);
  if (general === undefined) return 'ask for --dtype f32';
  if (rule === 'name-length') return 'give fewer --angles, or evenly spaced ones';
  return `change what the rule names, or do without tuning: ${general} can do this problem`;
}

/** What tensors may take; the rest is for whatever else runs. */
const SHARE = 0.75;

/** @param memory bytes of the machine @throws CliError */
export function assertFits(problem: Problem, memory: number): void {
  const fits = (batch: number) => trialBytes({ ...problem, batch }) <= SHARE * memory;
  if (fits(problem.batch)) return;
  // An image takes a little more in a small batch than in a large one.
  let batch = Math.floor((SHARE * memory * problem.batch) / trialBytes(problem));
  while (batch > 0 && !fits(batch)) batch--;
  throw new CliError({
    code: 'tensors-too-large',
    value: problemName(problem),
    rule: `the tensors of its trials take ${gibibytes(trialBytes(problem))}, more than three quarters of this machine's ${gibibytes(memory)}`,
    remedy: batch > 0 ? `use --batch ${batch}` : 'use a smaller --size, or fewer --channels',
  });
}

/** Two sets of tensors in rotation, with what copies have of their own; of two images what is read, and the references in float64. */
function trialBytes(problem: Problem): number {
  const { read, written } = tensorsOf(problem);
  const first = (uses: readonly TensorUse[]) =>
    uses.reduce((sum, { elements, images }) => sum + elements * Math.min(images, VERIFIED_IMAGES), 0);
  return 2 * (setBytes(problem) + yardstickBytes(problem)) + 4 * first(read) + 8 * first(written);
}

/** The machine's, or what a container leaves of it. */
function memoryBytes(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

function gibibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;
}
