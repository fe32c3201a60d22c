//! The tables of a ledger in SQLite, step by step.

use crate::migrations::Step;

/// All steps, in order.
///
/// Offsets are given explicitly, so `AUTOINCREMENT` and its second table are not needed: `ledger_floor` remembers what
/// pruning forgets. The index on time grows at its right end only; the one on sessions holds those that have one.
pub(super) const STEPS: &[Step] = &[
    Step::statements(
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
    ),
    // Names that another application's tables in this file have taken stay theirs.
    Step::statements(2, "views", &[OPERATION_LOG, LINEAGE_EDGES, RUNS]),
];

/// Operations that have ended, for those who have only SQL. It is computed as it is read.
const OPERATION_LOG: &str = r#"CREATE VIEW IF NOT EXISTS operation_log AS SELECT
  payload ->> '$.id' AS id,
  strftime('%Y-%m-%d %H:%M:%f', created_at / 1000000.0, 'unixepoch') AS timestamp,
  payload ->> '$.project' AS project_id,
  coalesce(payload ->> '$.branch', 'default') AS branch_id,
  payload ->> '$.bucket' AS bucket_name,
  payload ->> '$.table' AS table_name,
  payload ->> '$.operation' AS command,
  payload ->> '$.status' AS status,
  CASE WHEN json_type(payload, '$.duration_us') = 'integer' AND payload ->> '$.duration_us' BETWEEN 0 AND 999999999999999999
    THEN (payload ->> '$.duration_us') / 1000.0 END AS duration_ms,
  CASE WHEN json_type(payload, '$.queue_wait_us') = 'integer' AND payload ->> '$.queue_wait_us' BETWEEN 0 AND 999999999999999999
    THEN (payload ->> '$.queue_wait_us') / 1000.0 END AS queue_wait_ms,
  CASE WHEN json_type(payload, '$.rows_affected') = 'integer' AND payload ->> '$.rows_affected' BETWEEN 0 AND 999999999999999999
    THEN payload ->> '$.rows_affected' END AS rows_affected,
  CASE WHEN json_type(payload, '$.bytes_in') = 'integer' AND payload ->> '$.bytes_in' BETWEEN 0 AND 999999999999999999
    THEN payload ->> '$.bytes_in' END AS bytes_in,
  CASE WHEN json_type(payload, '$.bytes_out') = 'integer' AND payload ->> '$.bytes_out' BETWEEN 0 AND 999999999999999999
    THEN payload ->> '$.bytes_out' END AS bytes_out,
  payload ->> '$.error_code' AS error_code,
  payload ->> '$.error' AS error_message,
  payload ->> '$.request_id' AS request_id,
  payload ->> '$.connection_job_id' AS connection_job_id,
  payload ->> '$.connection_run_id' AS connection_run_id,
  payload -> '$.metadata' AS metadata
FROM events WHERE kind = 'operation.finished'"#;

/// What was made of what, one row for each pair.
const LINEAGE_EDGES: &str = r#"CREATE VIEW IF NOT EXISTS lineage_edges AS SELECT
  read.value ->> '$.artifact' AS source,
  made.value AS target,
  events.payload ->> '$.operation' AS operation,
  events.payload ->> '$.id' AS operation_id,
  strftime('%Y-%m-%d %H:%M:%f', events.created_at / 1000000.0, 'unixepoch') AS timestamp,
  events."offset" AS event_offset
FROM events, json_each(events.payload, '$.inputs') AS read, json_each(events.payload, '$.outputs') AS made
WHERE events.kind = 'operation.finished' AND events.payload ->> '$.status' = 'success'
  AND json_type(events.payload, '$.inputs') = 'object' AND json_type(events.payload, '$.outputs') = 'array'
  AND CASE read.type WHEN 'object' THEN json_type(read.value, '$.artifact') END = 'text' AND made.type = 'text'
UNION ALL SELECT DISTINCT
  read.value,
  made.value,
  events.payload ->> '$.operation',
  one.value ->> '$[1]',
  strftime('%Y-%m-%d %H:%M:%f', (one.value ->> '$[2]') / 1000000.0, 'unixepoch'),
  one.value ->> '$[0]'
FROM events, json_each(events.payload, '$.inputs') AS read, json_each(events.payload, '$.outputs') AS made,
  json_each(events.payload, '$.ends') AS one
WHERE events.kind = 'lineage.kept' AND json_type(events.payload, '$.inputs') = 'object'
  AND json_type(events.payload, '$.outputs') = 'array' AND json_type(events.payload, '$.ends') = 'array'
  AND read.type = 'text' AND made.type = 'text' AND one.type = 'array'
  AND typeof(one.value ->> '$[0]') = 'integer' AND one.value ->> '$[0]' < events."offset"
  AND NOT EXISTS (SELECT 1 FROM events AS whole WHERE whole."offset" = one.value ->> '$[0]')"#;

/// The runs there are.
const RUNS: &str = r#"CREATE VIEW IF NOT EXISTS runs AS SELECT
  run_id,
  count(*) AS events,
  min("offset") AS first_offset,
  max("offset") AS last_offset,
  strftime('%Y-%m-%d %H:%M:%f', min(created_at) / 1000000.0, 'unixepoch') AS first_at,
  strftime('%Y-%m-%d %H:%M:%f', max(created_at) / 1000000.0, 'unixepoch') AS last_at,
  CASE WHEN sum(kind = 'run.finished') > 0 THEN 'finished' ELSE 'open' END AS state
FROM events GROUP BY run_id"#;

/// Our tables: one of them without the table of versions is another application's.
pub(super) const TABLES: &str = "'events', 'event_tags', 'ledger_floor'";
