//! The laws on every backend: one line each.

use tests::places::{ClickHouse, Memory, Postgres, Sqlite};

ledger_testkit::laws_in_process!(memory, Memory);
ledger_testkit::laws!(sqlite, Sqlite);
ledger_testkit::laws!(postgres, Postgres);
ledger_testkit::laws!(clickhouse, ClickHouse);
