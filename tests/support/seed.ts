import { CliError } from '../../cli/errors.js';

/** What properties are drawn from unless told otherwise: a run that fails, fails again. */
export const SEED = 20231002;

/**
 * The seed of all properties that have none of their own: $ORIENTED1D_SEED, or always the same.
 * @throws CliError if it is no whole number of 32 bits
 */
export function seedFrom({ ORIENTED1D_SEED: text }: NodeJS.ProcessEnv): number {
  if (!text) return SEED;
  const seed = Number(text);
  if (seed === (seed | 0)) return seed;
  throw new CliError({
    code: 'seed-whole',
    value: text,
    rule: '$ORIENTED1D_SEED is what properties are drawn from, a whole number of 32 bits',
    remedy: 'set it to the seed that a failed run tells, or unset it',
  });
}
