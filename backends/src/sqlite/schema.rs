//! The tables of a ledger in SQLite, step by step.

use crate::migrations::Step;

/// All steps, in order.
///
/// Offsets are given explicitly, so `AUTOINCREMENT` and its second table are not needed: `ledger_floor` remembers what
/// pruning forgets. The index on time grows at its right end only; the one on sessions holds those that have one.
pub(super) const STEPS: &[Step] = &[Step::statements(
    1,
    "events",
    &[
        "CREATE TABLE ledger_schema_version (\n  version INTEGER PRIMARY KEY,\n  name TEXT NOT NULL,\n  applied_at INTEGER NOT NULL\n)",
        r#"CREATE TABLE events (
  "offset" INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  turn INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  session_id TEXT,
  model_profile TEXT,
  model_id TEXT,
  parents TEXT,
  lamport INTEGER,
  tags TEXT
)"#,
        "CREATE UNIQUE INDEX events_id ON events (id)",
        "CREATE INDEX events_run_id ON events (run_id)",
        "CREATE INDEX events_session_id ON events (session_id) WHERE session_id IS NOT NULL",
        "CREATE INDEX events_created_at ON events (created_at)",
        r#"CREATE TABLE event_tags (
  tag TEXT NOT NULL,
  "offset" INTEGER NOT NULL,
  PRIMARY KEY (tag, "offset")
) WITHOUT ROWID"#,
        "CREATE TABLE ledger_floor (floor INTEGER NOT NULL)",
        "INSERT INTO ledger_floor (floor) VALUES (0)",
    ],
)];

/// Our tables: one of them without the table of versions is another application's.
pub(super) const TABLES: &str = "'events', 'event_tags', 'ledger_floor'";
