//! What the SQL engines share: the table as an entity, queries in both dialects, rows, migrations and group commit.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) mod entity;
pub(crate) mod group;
pub(crate) mod migrate;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) mod near;
pub(crate) mod row;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) mod select;
#[cfg(any(feature = "postgres", feature = "clickhouse"))]
pub(crate) mod size;

/// Which SQL an engine speaks.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl Dialect {
    /// Says whether a list can be one value.
    pub(crate) fn has_arrays(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => true,
        }
    }

    /// Says whether the places of values are numbered: `$1` and not `?`.
    pub(crate) fn numbers_values(self) -> bool {
        self.has_arrays()
    }
}
