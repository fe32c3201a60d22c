//! What the SQL engines share: the table as an entity, queries in both dialects, rows, migrations and group commit.

pub(crate) mod entity;
pub(crate) mod group;
pub(crate) mod head;
pub(crate) mod migrate;
pub(crate) mod row;
pub(crate) mod select;

/// Which SQL an engine speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}
