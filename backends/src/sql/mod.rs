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
