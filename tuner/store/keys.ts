import type { Database, Statement } from 'better-sqlite3';
import type { Toolchain, TrialKey } from './trial.js';

/** A trial's key as the tables hold it: machine and toolchain by their ids. */
export interface BoundKey {
  readonly problem: string;
  readonly kernel: string;
  readonly sourceHash: string;
  readonly toolchain: number;
  readonly machine: number;
  readonly threads: number;
}

/** The condition that picks a key's row; binds a {@link BoundKey}. */
export const IS_KEY = `problem = @problem AND kernel = @kernel AND source_hash = @sourceHash
  AND toolchain_id = @toolchain AND machine_id = @machine AND threads = @threads`;

/** Machines and toolchains, each kept once. */
export class Keys {
  readonly #addMachine: Statement<[string]>;
  readonly #machine: Statement<[string], number>;
  readonly #addToolchain: Statement<[Toolchain]>;
  readonly #toolchain: Statement<[Toolchain], number>;

  constructor(db: Database) {
    this.#addMachine = db.prepare('INSERT INTO machine (name) VALUES (?)');
    this.#machine = db.prepare<[string], number>('SELECT id FROM machine WHERE name = ?').pluck();
    this.#addToolchain = db.prepare('INSERT INTO toolchain (compiler, flags) VALUES (@compiler, @flags)');
    this.#toolchain = db
      .prepare<[Toolchain], number>('SELECT id FROM toolchain WHERE compiler = @compiler AND flags = @flags')
      .pluck();
  }

  /** Adds the machine and the toolchain if they are new, so call it inside a writing transaction. */
  bind({ problem, kernel, sourceHash, toolchain, machine, threads }: TrialKey): BoundKey {
    return {
      problem,
      kernel,
      sourceHash,
      toolchain: this.#toolchainId(toolchain),
      machine: this.#machineId(machine),
      threads,
    };
  }

  #machineId(name: string): number {
    const id = this.#machine.get(name);
    return id ?? Number(this.#addMachine.run(name).lastInsertRowid);
  }

  #toolchainId({ compiler, flags }: Toolchain): number {
    const id = this.#toolchain.get({ compiler, flags });
    return id ?? Number(this.#addToolchain.run({ compiler, flags }).lastInsertRowid);
  }
}
