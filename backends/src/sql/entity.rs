//! The table `events` as an entity, so that queries name columns and not strings.

use sea_orm::entity::prelude::*;

/// One row. Numbers are 64 bits wide on every engine; times are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub offset: i64,
    pub id: String,
    pub run_id: String,
    pub turn: i64,
    pub kind: String,
    pub actor: String,
    pub payload: String,
    pub created_at: i64,
    pub recorded_at: i64,
    pub schema_version: i64,
    pub session_id: Option<String>,
    pub model_profile: Option<String>,
    pub model_id: Option<String>,
    /// A JSON array on SQLite, `text[]` on Postgres.
    pub parents: Option<String>,
    pub lamport: Option<i64>,
    /// A JSON array on SQLite, `text[]` on Postgres.
    pub tags: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The index of tags, where the engine has no index over arrays.
#[cfg(feature = "sqlite")]
pub(crate) mod tags {
    use sea_orm::entity::prelude::*;

    /// One tag of one event.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_tags")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub offset: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
