//! The tables of a ledger in ClickHouse, step by step.

use crate::migrations::Step;

/// All steps, in order. There are no transactions here, so each statement does nothing when it was done before, and the
/// row that records a step comes last.
///
/// Text that may be missing is empty instead of NULL: no id or name of ours is empty, and a mask for NULLs costs reads.
/// The order of the table is that of offsets; every other look-up is by indexes that skip what cannot match. The least
/// and greatest id of each granule tell at once that ids made in order of time are new.
pub(super) const STEPS: &[Step] = &[
    Step::statements(
        1,
        "events",
        &[
            "CREATE TABLE IF NOT EXISTS ledger_schema_version (version UInt32, name String, applied_at Int64) \
         ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1",
            EVENTS,
        ],
    ),
    Step::statements(2, "views", &[OPERATION_LOG, LINEAGE_EDGES, RUNS]),
];

/// Operations that have ended, for those who have only SQL. It is computed as it is read. A payload is parsed once for all its fields.
const OPERATION_LOG: &str = r#"CREATE VIEW IF NOT EXISTS operation_log AS WITH
  JSONExtract(payload, 'Tuple(id Nullable(String), project Nullable(String), branch Nullable(String), bucket Nullable(String), table Nullable(String), operation Nullable(String), status Nullable(String), duration_us Nullable(UInt64), queue_wait_us Nullable(UInt64), rows_affected Nullable(UInt64), bytes_in Nullable(UInt64), bytes_out Nullable(UInt64), error_code Nullable(String), error Nullable(String), request_id Nullable(String), connection_job_id Nullable(String), connection_run_id Nullable(String))') AS p
SELECT
  tupleElement(p, 'id') AS id,
  fromUnixTimestamp64Micro(created_at, 'UTC') AS timestamp,
  tupleElement(p, 'project') AS project_id,
  ifNull(tupleElement(p, 'branch'), 'default') AS branch_id,
  tupleElement(p, 'bucket') AS bucket_name,
  tupleElement(p, 'table') AS table_name,
  tupleElement(p, 'operation') AS command,
  tupleElement(p, 'status') AS status,
  tupleElement(p, 'duration_us') / 1000 AS duration_ms,
  tupleElement(p, 'queue_wait_us') / 1000 AS queue_wait_ms,
  tupleElement(p, 'rows_affected') AS rows_affected,
  tupleElement(p, 'bytes_in') AS bytes_in,
  tupleElement(p, 'bytes_out') AS bytes_out,
  tupleElement(p, 'error_code') AS error_code,
  tupleElement(p, 'error') AS error_message,
  tupleElement(p, 'request_id') AS request_id,
  tupleElement(p, 'connection_job_id') AS connection_job_id,
  tupleElement(p, 'connection_run_id') AS connection_run_id,
  nullIf(JSONExtractRaw(payload, 'metadata'), '') AS metadata
FROM events WHERE kind = 'operation.finished'"#;

/// What was made of what, one row for each pair.
const LINEAGE_EDGES: &str = r#"CREATE VIEW IF NOT EXISTS lineage_edges AS SELECT
  source,
  JSONExtractString(arrayJoin(arrayFilter(made -> startsWith(made, '"'), JSONExtractArrayRaw(payload, 'outputs')))) AS target,
  JSONExtractString(payload, 'operation') AS operation,
  JSONExtractString(payload, 'id') AS operation_id,
  fromUnixTimestamp64Micro(created_at, 'UTC') AS timestamp,
  offset AS event_offset
FROM events
ARRAY JOIN arrayMap(input -> JSONExtractString(input.2, 'artifact'), arrayFilter(
  input -> JSONType(input.2, 'artifact') = 'String', JSONExtractKeysAndValuesRaw(payload, 'inputs'))) AS source
WHERE kind = 'operation.finished' AND JSONExtractString(payload, 'status') = 'success'
UNION ALL SELECT DISTINCT
  source,
  JSONExtractString(arrayJoin(arrayFilter(made -> startsWith(made, '"'), JSONExtractArrayRaw(payload, 'outputs')))) AS target,
  JSONExtractString(payload, 'operation') AS operation,
  JSONExtractString(one, 2) AS operation_id,
  fromUnixTimestamp64Micro(JSONExtractInt(one, 3), 'UTC') AS timestamp,
  JSONExtractUInt(one, 1) AS event_offset
FROM events
ARRAY JOIN JSONExtractArrayRaw(payload, 'ends') AS one
ARRAY JOIN arrayMap(input -> JSONExtractString(input.2), arrayFilter(
  input -> startsWith(input.2, '"'), JSONExtractKeysAndValuesRaw(payload, 'inputs'))) AS source
WHERE kind = 'lineage.kept' AND event_offset BETWEEN 1 AND offset - 1 AND event_offset NOT IN (SELECT offset FROM events WHERE kind = 'operation.finished')"#;

/// The runs there are.
const RUNS: &str = r#"CREATE VIEW IF NOT EXISTS runs AS SELECT
  run_id,
  count() AS events,
  min(offset) AS first_offset,
  max(offset) AS last_offset,
  fromUnixTimestamp64Micro(min(created_at), 'UTC') AS first_at,
  fromUnixTimestamp64Micro(max(created_at), 'UTC') AS last_at,
  if(countIf(kind = 'run.finished') > 0, 'finished', 'open') AS state
FROM events WHERE id != '' GROUP BY run_id"#;

const EVENTS: &str = "CREATE TABLE IF NOT EXISTS events (
  offset UInt64 CODEC(DoubleDelta, ZSTD(1)),
  id String CODEC(ZSTD(1)),
  run_id LowCardinality(String) CODEC(ZSTD(1)),
  turn UInt32 CODEC(ZSTD(1)),
  kind LowCardinality(String) CODEC(ZSTD(1)),
  actor LowCardinality(String) CODEC(ZSTD(1)),
  payload String CODEC(ZSTD(3)),
  created_at Int64 CODEC(Delta, ZSTD(1)),
  recorded_at Int64 CODEC(DoubleDelta, ZSTD(1)),
  schema_version UInt32 CODEC(T64, ZSTD(1)),
  session_id LowCardinality(String) CODEC(ZSTD(1)),
  model_profile LowCardinality(String) CODEC(ZSTD(1)),
  model_id LowCardinality(String) CODEC(ZSTD(1)),
  parents Array(String) CODEC(ZSTD(1)),
  lamport Nullable(UInt64) CODEC(ZSTD(3)),
  tags Array(String) CODEC(ZSTD(3)),
  commit UInt64 CODEC(ZSTD(1)),
  INDEX id_minmax id TYPE minmax GRANULARITY 1,
  INDEX id_bloom id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX run_bloom run_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX session_bloom session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX tags_bloom tags TYPE bloom_filter(0.0001) GRANULARITY 1,
  INDEX created_minmax created_at TYPE minmax GRANULARITY 1
) ENGINE = MergeTree ORDER BY offset
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1";

/// The version that the last step leads to, which writers know.
pub(super) const VERSION: u32 = STEPS[STEPS.len() - 1].version;

/// The columns that callers see, in the order of a row.
pub(super) const COLUMNS: [&str; 16] = [
    "offset",
    "id",
    "run_id",
    "turn",
    "kind",
    "actor",
    "payload",
    "created_at",
    "recorded_at",
    "schema_version",
    "session_id",
    "model_profile",
    "model_id",
    "parents",
    "lamport",
    "tags",
];

/// How the rows of an append travel, in the order of `COLUMNS`; the server stamps the time of recording where it is the
/// least number, which is no time.
pub(super) const INPUT: &str = "offset UInt64, id String, run_id String, turn UInt32, kind String, actor String, \
    payload String, created_at Int64, recorded_at Int64, schema_version UInt32, session_id String, \
    model_profile String, model_id String, parents Array(String), lamport Nullable(UInt64), tags Array(String)";
