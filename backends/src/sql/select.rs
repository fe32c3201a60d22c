//! Turns a query into SQL for either dialect; the laws compare the answer with `Query::matches`.

use ledger_core::{KindPattern, Order, Query};
use sea_orm::Iterable;
use sea_orm::sea_query::{
    Alias, ColumnRef, Cond, Expr, ExprTrait, IntoColumnRef, Order as SqlOrder, Query as Sql, SelectStatement, Values,
};

use super::Dialect;
#[cfg(feature = "sqlite")]
use super::entity::tags;
use super::entity::{Column, Entity};
use super::row::int;

/// What to read of the matching events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Every column, in the order of the entity.
    Events,
    /// The offset alone.
    Offsets,
}

/// Builds the statement for one page: at most as many rows as the query's limit, in its order.
pub(crate) fn page(query: &Query, wanted: Wanted, dialect: Dialect, schema: Option<&str>) -> (String, Values) {
    let mut select = Sql::select();
    match wanted {
        Wanted::Events => select.columns(Column::iter().map(|column| (Entity, column))),
        Wanted::Offsets => select.column((Entity, Column::Offset)),
    };
    match schema {
        Some(schema) => select.from((Alias::new(schema), Entity)),
        None => select.from(Entity),
    };
    let place = by_tags(&mut select, query, dialect);
    select.cond_where(filter(query, dialect));
    if query.after.get() > 0 {
        select.and_where(Expr::col(place.clone()).gt(int(query.after.get())));
    }
    if let Some(up_to) = query.up_to {
        select.and_where(Expr::col(place.clone()).lte(int(up_to.get())));
    }
    let order = match query.order {
        Order::Ascending => SqlOrder::Asc,
        Order::Descending => SqlOrder::Desc,
    };
    select.order_by(place, order).limit(query.limit.get() as u64);
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => select.build(sea_orm::sea_query::SqliteQueryBuilder),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => select.build(sea_orm::sea_query::PostgresQueryBuilder),
    }
}

fn filter(query: &Query, dialect: Dialect) -> Cond {
    let mut all = Cond::all();
    if let Some(run) = &query.run {
        all = all.add(is(Column::RunId, run.as_str()));
    }
    if !query.ids.is_empty() {
        all = all.add(Expr::col((Entity, Column::Id)).is_in(query.ids.iter().map(ledger_core::EventId::as_str)));
    }
    if !query.kinds.is_empty() {
        all = all.add(query.kinds.iter().fold(Cond::any(), |any, pattern| any.add(kind(pattern))));
    }
    if let Some(actor) = &query.actor {
        all = all.add(is(Column::Actor, actor.as_str()));
    }
    if let Some(session) = &query.session {
        all = all.add(is(Column::SessionId, session.as_str()));
    }
    if let Some(since) = query.since {
        all = all.add(created_at(query, dialect).gte(since.as_micros()));
    }
    if let Some(until) = query.until {
        all = all.add(created_at(query, dialect).lt(until.as_micros()));
    }
    all
}

/// Returns the column of time. From the second page on, SQLite is kept from its index: it would gather and sort the whole
/// window again for each page, where the rows that follow in order are right there.
fn created_at(query: &Query, dialect: Dialect) -> Expr {
    match (dialect, goes_on(query)) {
        #[cfg(feature = "sqlite")]
        (Dialect::Sqlite, true) => Expr::cust("+\"events\".\"created_at\""),
        _ => Expr::col((Entity, Column::CreatedAt)),
    }
}

fn goes_on(query: &Query) -> bool {
    match query.order {
        Order::Ascending => query.after.get() > 0,
        Order::Descending => query.up_to.is_some(),
    }
}

/// A prefix is a range of the binary order, which no wildcard in it can widen.
fn kind(pattern: &KindPattern) -> Cond {
    match pattern {
        KindPattern::Exact(kind) => Cond::all().add(is(Column::Kind, kind.as_str())),
        KindPattern::Prefix(prefix) => {
            let column = || Expr::col((Entity, Column::Kind));
            // `/` is the character after `.`
            Cond::all().add(column().gte(prefix.as_str())).add(column().lt(format!("{}/", prefix.words())))
        }
    }
}

/// Adds what finds events by tag, and returns the column that range and order go by.
fn by_tags(select: &mut SelectStatement, query: &Query, dialect: Dialect) -> ColumnRef {
    let events_offset = (Entity, Column::Offset).into_column_ref();
    if query.tags.is_empty() {
        return events_offset;
    }
    match dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            // One literal, because the builder takes what stands in brackets for a name and would not bind it.
            let wanted = super::row::array(query.tags.iter().map(ledger_core::Tag::as_str));
            select.and_where(Expr::cust_with_values("\"events\".\"tags\" @> $1::text[]", wanted));
            events_offset
        }
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            let (first, rest) = query.tags.split_first().expect("there is a tag, as was just seen");
            // The first tag drives: its index gives offsets in order, so a page costs what it holds.
            let tags_offset = (tags::Entity, tags::Column::Offset).into_column_ref();
            select
                .inner_join(tags::Entity, Expr::col(tags_offset.clone()).equals((Entity, Column::Offset)))
                .and_where(Expr::col((tags::Entity, tags::Column::Tag)).eq(first.as_str()));
            for tag in rest {
                let mut also = Sql::select();
                also.column(tags::Column::Offset)
                    .from(tags::Entity)
                    .and_where(Expr::col(tags::Column::Tag).eq(tag.as_str()))
                    .and_where(Expr::col(tags::Column::Offset).equals((Entity, Column::Offset)));
                select.and_where(Expr::exists(also));
            }
            tags_offset
        }
    }
}

fn is(column: Column, value: &str) -> Expr {
    Expr::col((Entity, column)).eq(value)
}

#[cfg(all(test, feature = "postgres", feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_bound_and_none_is_written_into_the_sql() {
        let query = Query::all().tag("k:'$1?\"\\").unwrap().tag("a:b").unwrap().kind("a.*").unwrap().run("?'").unwrap();
        for (dialect, schema) in [(Dialect::Postgres, Some("s")), (Dialect::Sqlite, None)] {
            let (sql, values) = page(&query, Wanted::Events, dialect, schema);
            let places = sql.matches(['$', '?']).count();
            assert_eq!(places, values.0.len(), "{sql}");
            assert!(!sql.contains('\''), "{sql}");
        }
    }
}
