//! The tables of a ledger in Postgres, step by step, and the function that appends.

use crate::migrations::Step;

/// All steps, in order; each runs with the ledger's schema as its search path.
///
/// Text is compared by byte (`COLLATE "C"`), so that orders and prefixes mean the same on every engine. Payloads are
/// `text`: `jsonb` would reorder keys, lose the text of numbers and refuse `\u0000`.
pub(super) const STEPS: &[Step] = &[
    Step::statements(
        1,
        "events",
        &[
            "CREATE TABLE ledger_schema_version (\n  version bigint PRIMARY KEY,\n  name text NOT NULL,\n  applied_at bigint NOT NULL\n)",
            r#"CREATE TABLE events (
  "offset" bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  turn bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  payload text NOT NULL,
  created_at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  schema_version bigint NOT NULL,
  session_id text COLLATE "C",
  model_profile text COLLATE "C",
  model_id text COLLATE "C",
  parents text[] COLLATE "C",
  lamport bigint,
  tags text[] COLLATE "C"
)"#,
            "CREATE UNIQUE INDEX events_id ON events (id)",
            r#"CREATE INDEX events_run_id ON events (run_id, "offset")"#,
            r#"CREATE INDEX events_session_id ON events (session_id, "offset") WHERE session_id IS NOT NULL"#,
            "CREATE INDEX events_created_at ON events USING brin (created_at)",
            // What was added last is not in the index yet and looked through by every reader: 64 kB of it and not 4 MB.
            "CREATE INDEX events_tags ON events USING gin (tags) WITH (gin_pending_list_limit = 64) WHERE tags IS NOT NULL",
            "CREATE TABLE ledger_floor (floor bigint NOT NULL)",
            "INSERT INTO ledger_floor (floor) VALUES (0)",
            HEAD,
            LOCK,
            APPEND,
        ],
    ),
    Step::statements(
        2,
        "views",
        &[
            // Whoever asks a view for the last hour asks by this expression.
            "CREATE INDEX events_timestamp ON events USING brin (to_timestamp(created_at / 1000000.0))",
            // Names that another application's tables in this schema have taken stay theirs.
            OPERATION_LOG,
            LINEAGE_EDGES,
            RUNS,
        ],
    ),
];

/// Operations that have ended, for those who have only SQL. It is computed as it is read.
///
/// One event must not keep the others from being read, so what is no object, no number or no text of Postgres is passed over.
const OPERATION_LOG: &str = r#"DO $do$ BEGIN IF to_regclass('operation_log') IS NULL THEN EXECUTE $view$
CREATE VIEW operation_log AS SELECT
  p.id,
  to_timestamp(e.created_at / 1000000.0) AS timestamp,
  p.project AS project_id,
  coalesce(p.branch, 'default') AS branch_id,
  p.bucket AS bucket_name,
  p."table" AS table_name,
  p.operation AS command,
  p.status AS status,
  (CASE WHEN p.duration_us ~ '^[0-9]{1,18}$' THEN p.duration_us::bigint END) / 1000.0 AS duration_ms,
  (CASE WHEN p.queue_wait_us ~ '^[0-9]{1,18}$' THEN p.queue_wait_us::bigint END) / 1000.0 AS queue_wait_ms,
  CASE WHEN p.rows_affected ~ '^[0-9]{1,18}$' THEN p.rows_affected::bigint END AS rows_affected,
  CASE WHEN p.bytes_in ~ '^[0-9]{1,18}$' THEN p.bytes_in::bigint END AS bytes_in,
  CASE WHEN p.bytes_out ~ '^[0-9]{1,18}$' THEN p.bytes_out::bigint END AS bytes_out,
  p.error_code AS error_code,
  p.error AS error_message,
  p.request_id AS request_id,
  p.connection_job_id AS connection_job_id,
  p.connection_run_id AS connection_run_id,
  p.metadata
FROM events e,
  json_to_record((CASE WHEN e.payload LIKE '{%' THEN replace(e.payload, '\u0000', '\ufffd') ELSE '{}' END)::json) AS p (
    id text, operation text, project text, branch text, bucket text, "table" text, status text, duration_us text, queue_wait_us text, rows_affected text, bytes_in text, bytes_out text, error_code text, error text, request_id text, connection_job_id text, connection_run_id text, metadata json)
WHERE e.kind = 'operation.finished'
$view$; END IF; END $do$"#;

/// What was made of what, one row for each pair.
const LINEAGE_EDGES: &str = r#"DO $do$ BEGIN IF to_regclass('lineage_edges') IS NULL THEN EXECUTE $view$
CREATE VIEW lineage_edges AS SELECT
  read.value ->> 'artifact' AS source,
  made.value #>> '{}' AS target,
  p.operation,
  p.id AS operation_id,
  to_timestamp(e.created_at / 1000000.0) AS timestamp,
  e."offset" AS event_offset
FROM events e,
  json_to_record((CASE WHEN e.payload LIKE '{%' THEN replace(e.payload, '\u0000', '\ufffd') ELSE '{}' END)::json) AS p (
    id text, operation text, status text, inputs json, outputs json),
  json_each(CASE WHEN json_typeof(p.inputs) = 'object' THEN p.inputs ELSE '{}' END) AS read,
  json_array_elements(CASE WHEN json_typeof(p.outputs) = 'array' THEN p.outputs ELSE '[]' END) AS made
WHERE e.kind = 'operation.finished' AND p.status = 'success'
  AND json_typeof(CASE WHEN json_typeof(read.value) = 'object' THEN read.value -> 'artifact' END) = 'string' AND json_typeof(made.value) = 'string'
UNION ALL SELECT DISTINCT
  read.value #>> '{}',
  made.value #>> '{}',
  p.operation,
  one.value ->> 1,
  to_timestamp((CASE WHEN one.value ->> 2 ~ '^([0-9]{1,18}|-[0-9]{1,17})$' THEN one.value ->> 2 END)::bigint / 1000000.0),
  one.place
FROM events e,
  json_to_record((CASE WHEN e.payload LIKE '{%' THEN replace(e.payload, '\u0000', '\ufffd') ELSE '{}' END)::json) AS p (
    operation text, inputs json, outputs json, ends json),
  json_each(CASE WHEN json_typeof(p.inputs) = 'object' THEN p.inputs ELSE '{}' END) AS read,
  json_array_elements(CASE WHEN json_typeof(p.outputs) = 'array' THEN p.outputs ELSE '[]' END) AS made,
  LATERAL (SELECT value, CASE WHEN value ->> 0 ~ '^[0-9]{1,18}$' THEN (value ->> 0)::bigint END AS place
    FROM json_array_elements(CASE WHEN json_typeof(p.ends) = 'array' THEN p.ends ELSE '[]' END)
    WHERE json_typeof(value) = 'array') AS one
WHERE e.kind = 'lineage.kept' AND json_typeof(read.value) = 'string' AND json_typeof(made.value) = 'string'
  AND one.place < e."offset" AND NOT EXISTS (SELECT 1 FROM events whole WHERE whole."offset" = one.place)
$view$; END IF; END $do$"#;

/// The runs there are.
const RUNS: &str = r#"DO $do$ BEGIN IF to_regclass('runs') IS NULL THEN EXECUTE $view$
CREATE VIEW runs AS SELECT
  run_id,
  count(*) AS events,
  min("offset") AS first_offset,
  max("offset") AS last_offset,
  to_timestamp(min(created_at) / 1000000.0) AS first_at,
  to_timestamp(max(created_at) / 1000000.0) AS last_at,
  CASE WHEN bool_or(kind = 'run.finished') THEN 'finished' ELSE 'open' END AS state
FROM events GROUP BY run_id
$view$; END IF; END $do$"#;

/// The last offset ever given: of what is there, or of what was pruned.
const HEAD: &str = r#"CREATE FUNCTION ledger_head() RETURNS bigint LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT greatest((SELECT floor FROM ledger_floor), coalesce((SELECT max("offset") FROM events), 0))
$$"#;

/// Holds back other writers of this ledger until the transaction ends, and has its commit wait for the disk even where
/// the server, database or role is set not to: what is acknowledged is durable.
const LOCK: &str = r#"CREATE FUNCTION ledger_lock() RETURNS void LANGUAGE sql VOLATILE SET search_path FROM CURRENT AS $$
  SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
  SELECT pg_advisory_xact_lock((1818584167::bigint << 32) | 'events'::regclass::oid::bigint)
$$"#;

/// Appends a batch at the head in one round trip, and returns the head before it; -1 when an id is there already, and
/// nothing is written then: the caller decides what that means.
///
/// Under the lock each statement sees all that was committed before, so offsets are dense and follow commit order.
/// The planner settings matter: plans made while the table was empty would scan it for ever; and a plan that is
/// forbidden to scan looks so dear that the server would compile it for 25 ms.
const APPEND: &str = r#"CREATE FUNCTION ledger_append(
  ids text[], run_ids text[], turns bigint[], kinds text[], actors text[], payloads text[], created_ats bigint[],
  schema_versions bigint[], session_ids text[], model_profiles text[], model_ids text[], parent_lists text[],
  lamports bigint[], tag_lists text[], channel text
) RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  head bigint;
  now bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'ledger_append needs READ COMMITTED: a snapshot from before the lock does not see the head';
  END IF;
  PERFORM ledger_lock();
  -- A retry usually repeats a batch from its first event; finding that is cheaper than taking back half an insert.
  IF EXISTS (SELECT 1 FROM events e WHERE e.id = ids[1]) THEN
    RETURN -1;
  END IF;
  head := ledger_head();
  now := extract(epoch FROM clock_timestamp()) * 1000000;
  INSERT INTO events
  SELECT head + d.place, d.id, d.run_id, d.turn, d.kind, d.actor, d.payload, d.created_at,
    now, d.schema_version, d.session_id, d.model_profile,
    d.model_id, d.parents::text[], d.lamport, d.tags::text[]
  FROM unnest(ids, run_ids, turns, kinds, actors, payloads, created_ats, schema_versions, session_ids,
    model_profiles, model_ids, parent_lists, lamports, tag_lists)
    WITH ORDINALITY AS d (id, run_id, turn, kind, actor, payload, created_at, schema_version, session_id,
    model_profile, model_id, parents, lamport, tags, place);
  PERFORM pg_notify(channel, '');
  RETURN head;
EXCEPTION WHEN unique_violation THEN
  RETURN -1;
END
$$"#;
