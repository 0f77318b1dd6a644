import type { TrialFilter } from './trial.js';

/** An SQL condition with named parameters, over trial, machine and toolchain joined. */
export interface Where {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export function where(filter: TrialFilter): Where {
  const columns: readonly (readonly [name: string, column: string, value: string | number | undefined])[] = [
    ['problem', 'trial.problem', filter.problem],
    ['kernel', 'trial.kernel', filter.kernel],
    ['sourceHash', 'trial.source_hash', filter.sourceHash],
    ['target', 'trial.target', filter.target],
    ['machine', 'machine.name', filter.machine],
    ['compiler', 'toolchain.compiler', filter.toolchain?.compiler],
    ['flags', 'toolchain.flags', filter.toolchain?.flags],
    ['threads', 'trial.threads', filter.threads],
    ['verdict', 'trial.verdict', filter.verdict],
  ];
  const conditions: string[] = [];
  const values: Record<string, string | number> = {};
  for (const [name, column, value] of columns) {
    if (value === undefined) continue;
    conditions.push(`${column} = @${name}`);
    values[name] = value;
  }
  return { sql: conditions.join(' AND ') || 'TRUE', values };
}
