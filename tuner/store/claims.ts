import type { Database, Statement } from 'better-sqlite3';
import type { Claimant } from '../../generator/claimant.js';
import { type BoundKey, IS_KEY } from './keys.js';
import type { World } from './world.js';

/** How long a claim lives without a sign of life, in milliseconds; see heartbeat. */
export const LEASE = 120_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly process_start: string | null;
  readonly expires: number;
}

/**
 * The trials that sessions have in hand. A claim ends with its trial or its session; it is void once its process is
 * gone or its lease has run out, and the next session that wants it takes it over.
 */
export class Claims {
  readonly #world: World;
  readonly #holder: Statement<[BoundKey], Holder>;
  readonly #take: Statement<[object]>;
  readonly #drop: Statement<[BoundKey]>;
  readonly #renew: Statement<[expires: number, session: number]>;
  readonly #dropAll: Statement<[session: number]>;

  constructor(db: Database, world: World) {
    this.#world = world;
    this.#holder = db.prepare(`
      SELECT session.host, session.pid, session.process_start, claim.expires
      FROM claim JOIN session ON session.id = claim.session_id WHERE ${IS_KEY}`);
    this.#take = db.prepare(`
      INSERT OR REPLACE INTO claim (problem, kernel, source_hash, toolchain_id, machine_id, threads, session_id, expires)
      VALUES (@problem, @kernel, @sourceHash, @toolchain, @machine, @threads, @session, @expires)`);
    this.#drop = db.prepare(`DELETE FROM claim WHERE ${IS_KEY}`);
    this.#renew = db.prepare('UPDATE claim SET expires = ? WHERE session_id = ?');
    this.#dropAll = db.prepare('DELETE FROM claim WHERE session_id = ?');
  }

  /** Whether a living session has it, be it the one that asks. */
  isHeld(key: BoundKey): boolean {
    const holder = this.#holder.get(key);
    if (!holder || holder.expires <= this.#world.now()) return false;
    const claimant: Claimant = {
      host: holder.host,
      pid: holder.pid,
      processStart: holder.process_start,
    };
    return this.#world.alive(claimant);
  }

  take(key: BoundKey, session: number): void {
    this.#take.run({ ...key, session, expires: this.#world.now() + LEASE });
  }

  drop(key: BoundKey): void {
    this.#drop.run(key);
  }

  renew(session: number): void {
    this.#renew.run(this.#world.now() + LEASE, session);
  }

  dropAll(session: number): void {
    this.#dropAll.run(session);
  }
}
