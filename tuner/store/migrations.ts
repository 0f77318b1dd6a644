/**
 * The schema, a step a version: step n takes a database from version n to n + 1. A step that has been released is
 * never edited; what comes later is a new step at the end.
 */
export const MIGRATIONS: readonly string[] = Object.freeze([
  `
  CREATE TABLE machine (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE toolchain (
    id INTEGER PRIMARY KEY,
    compiler TEXT NOT NULL,
    flags TEXT NOT NULL,
    UNIQUE (compiler, flags)
  ) STRICT;

  -- One run of a tuner. AUTOINCREMENT, so that a later session always has a higher id.
  CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    process_start TEXT,
    started TEXT NOT NULL,
    ended TEXT,
    version TEXT NOT NULL,
    search TEXT NOT NULL,
    seed INTEGER NOT NULL
  ) STRICT;

  -- Times in microseconds of one run. relative_error is null where it was not a number.
  CREATE TABLE trial (
    id INTEGER PRIMARY KEY,
    problem TEXT NOT NULL,
    layer TEXT NOT NULL,
    target TEXT NOT NULL,
    kernel TEXT NOT NULL,
    params TEXT NOT NULL CHECK (json_valid(params)),
    source_hash TEXT NOT NULL,
    machine_id INTEGER NOT NULL REFERENCES machine,
    toolchain_id INTEGER NOT NULL REFERENCES toolchain,
    session_id INTEGER NOT NULL REFERENCES session,
    threads INTEGER NOT NULL CHECK (threads > 0),
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    verdict TEXT NOT NULL
      CHECK (verdict IN ('ok', 'refused-by-compiler', 'wrong', 'crashed', 'hung', 'failed')),
    reason TEXT,
    relative_error REAL,
    samples TEXT CHECK (json_valid(samples)),
    median REAL,
    spread REAL,
    repetitions INTEGER,
    stop TEXT,
    finished TEXT NOT NULL,
    UNIQUE (problem, kernel, source_hash, toolchain_id, machine_id, threads),
    CHECK ((verdict = 'ok') = (reason IS NULL)),
    CHECK ((verdict = 'ok') = (samples IS NOT NULL AND median IS NOT NULL AND spread IS NOT NULL
      AND repetitions IS NOT NULL AND stop IS NOT NULL))
  ) STRICT;
  CREATE INDEX trial_by_layer ON trial (layer);

  -- A few kernels of one problem, timed again in turn with each other and with the copy, whose time this row holds.
  CREATE TABLE final (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES session,
    samples TEXT NOT NULL CHECK (json_valid(samples)),
    median REAL NOT NULL,
    spread REAL NOT NULL,
    repetitions INTEGER NOT NULL,
    stop TEXT NOT NULL,
    measured TEXT NOT NULL
  ) STRICT;

  CREATE TABLE finalist (
    final_id INTEGER NOT NULL REFERENCES final,
    trial_id INTEGER NOT NULL REFERENCES trial,
    samples TEXT NOT NULL CHECK (json_valid(samples)),
    median REAL NOT NULL,
    spread REAL NOT NULL,
    repetitions INTEGER NOT NULL,
    stop TEXT NOT NULL,
    PRIMARY KEY (final_id, trial_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX finalist_by_trial ON finalist (trial_id);

  -- A trial that a session has in hand. expires: milliseconds since 1970.
  CREATE TABLE claim (
    problem TEXT NOT NULL,
    kernel TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    toolchain_id INTEGER NOT NULL REFERENCES toolchain,
    machine_id INTEGER NOT NULL REFERENCES machine,
    threads INTEGER NOT NULL,
    session_id INTEGER NOT NULL REFERENCES session,
    expires INTEGER NOT NULL,
    PRIMARY KEY (problem, kernel, source_hash, toolchain_id, machine_id, threads)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX claim_by_session ON claim (session_id);
  `,
  `
  -- Null of finals that were held before there were these: then the fastest came first.
  -- place: 1 for the winner. retaken: rounds that were disturbed, and so made again.
  ALTER TABLE finalist ADD COLUMN place INTEGER CHECK (place > 0);
  ALTER TABLE final ADD COLUMN retaken INTEGER CHECK (retaken >= 0);
  `,
  `
  -- The version of the schedules that it chose from; null of finals that were held before there were versions.
  ALTER TABLE final ADD COLUMN space TEXT;
  `,
  `
  -- The GPU's clocks and temperature meanwhile; null where its driver did not tell.
  ALTER TABLE final ADD COLUMN clocks TEXT CHECK (json_valid(clocks));
  `,
]);
