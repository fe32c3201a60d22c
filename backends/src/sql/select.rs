//! Turns a query into SQL for either dialect; the laws compare the answer with `Query::matches`.

use ledger_core::{KindPattern, Order, Query};
use sea_orm::Iterable;
use sea_orm::sea_query::{
    Alias, ColumnRef, Cond, Expr, ExprTrait, IntoColumnRef, Order as SqlOrder, Query as Sql, SelectStatement, Value,
    Values,
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

/// How much of a window of time to look at for where it begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// So much as may be looked at for every page.
    Short = 20_000,
    /// So much as is looked at once, where a short walk did not fill a page: where a window ends, and not a walk through all
    /// that lies beyond.
    Long = 500_000,
}

/// Builds the statement for one page: at most as many rows as the query's limit, in its order.
pub(crate) fn page(
    query: &Query,
    wanted: Wanted,
    look: Look,
    dialect: Dialect,
    schema: Option<&str>,
) -> (String, Values) {
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
    by_any_tags(&mut select, query, dialect, schema);
    by_ids(&mut select, query, dialect, schema);
    by_time(&mut select, query, look, dialect, schema);
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

/// Builds the statement that gathers the offsets of what has some tags, in no order, and so many at most. The planner sees neither the tags nor the range: of tags that few events have
/// it knows nothing, and would rather walk a large table in order.
#[cfg(feature = "postgres")]
pub(crate) fn gathered(query: &Query, most: u64, schema: Option<&str>) -> (String, Values) {
    let mut select = Sql::select();
    select.column((Entity, Column::Offset));
    match schema {
        Some(schema) => select.from((Alias::new(schema), Entity)),
        None => select.from(Entity),
    };
    let wanted = super::row::array(query.tags.iter().map(ledger_core::Tag::as_str));
    select.and_where(Expr::cust_with_values("\"events\".\"tags\" @> (SELECT $1::text[])", wanted));
    select.cond_where(filter(query, Dialect::Postgres));
    let after = (query.after.get() > 0).then_some((">", query.after));
    for (sign, offset) in after.into_iter().chain(query.up_to.map(|up_to| ("<=", up_to))) {
        select.and_where(Expr::cust_with_values(format!("\"events\".\"offset\" + 0 {sign} $1"), [int(offset.get())]));
    }
    select.limit(most).build(sea_orm::sea_query::PostgresQueryBuilder)
}

fn filter(query: &Query, dialect: Dialect) -> Cond {
    let mut all = Cond::all();
    if let Some(run) = &query.run {
        all = all.add(is(Column::RunId, run.as_str()));
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
        all = all.add(created_at(dialect).gte(since.as_micros()));
    }
    if let Some(until) = query.until {
        all = all.add(created_at(dialect).lt(until.as_micros()));
    }
    all
}

/// Returns the column of time, kept from its index: the bounds did what the index is for, and by it the window would be
/// gathered and sorted again for each page.
fn created_at(dialect: Dialect) -> Expr {
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Expr::cust("+\"events\".\"created_at\""),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => Expr::col((Entity, Column::CreatedAt)),
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

/// Adds what finds events by id.
fn by_ids(select: &mut SelectStatement, query: &Query, dialect: Dialect, schema: Option<&str>) {
    if query.ids.is_empty() {
        return;
    }
    let ids = query.ids.iter().map(ledger_core::EventId::as_str);
    if !dialect.has_arrays() {
        select.and_where(Expr::col((Entity, Column::Id)).is_in(ids));
        return;
    }
    // One value however many ids, so the statement is prepared once; and a look-up of its own, because a plan that is
    // reused for other ids would rather walk the table in order than use the index on them.
    let found = format!(
        "\"events\".\"offset\" = ANY (ARRAY(SELECT \"found\".\"offset\" FROM {} AS \"found\" \
         WHERE \"found\".\"id\" = ANY ($1::text[])))",
        table(schema)
    );
    select.and_where(Expr::cust_with_values(found, super::row::array(ids)));
}

/// Narrows the walk through the offsets to where a window of time lies, as the index on time knows; the order of time
/// is nearly that of offsets, so a walk from either end would pass nearly everything to find the last hour.
///
/// A window with more events than looked at is left as it is: a walk begins at the end it was asked for, and the more the
/// window holds, the sooner a page of it is found.
fn by_time(select: &mut SelectStatement, query: &Query, look: Look, dialect: Dialect, schema: Option<&str>) {
    let most = look as usize;
    let window: Vec<_> = [(">=", query.since), ("<", query.until)]
        .into_iter()
        .filter_map(|(sign, time)| Some((sign, time?.as_micros())))
        .collect();
    if window.is_empty() {
        return;
    }
    let value = |place: usize| if dialect.numbers_values() { format!("${place}") } else { "?".to_owned() };
    let terms: Vec<_> =
        (1..).zip(&window).map(|(place, (sign, _))| format!("created_at {sign} {}", value(place))).collect();
    // Both ends of what the window holds, unless the page before this one says more.
    for (sign, edge, farthest, known) in
        [(">=", "min", "0", query.after.get() > 0), ("<=", "max", "9223372036854775807", query.up_to.is_some())]
    {
        if known {
            continue;
        }
        let bound = format!(
            "\"events\".\"offset\" {sign} (SELECT CASE WHEN count(*) < {most} THEN {edge}(\"found\".\"offset\") \
               ELSE {farthest} END FROM (SELECT \"offset\" FROM {} WHERE {} LIMIT {most}) AS \"found\")",
            table(schema),
            terms.join(" AND ")
        );
        select.and_where(Expr::cust_with_values(bound, window.iter().map(|(_, time)| *time)));
    }
}

fn table(schema: Option<&str>) -> String {
    schema.map_or_else(|| "\"events\"".to_owned(), |schema| format!("\"{schema}\".\"events\""))
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

/// Adds what finds events that have one of many tags: a look-up of its own, which costs what the range holds of these
/// tags however large the ledger is; and one value however many tags, so the statement is prepared once.
fn by_any_tags(select: &mut SelectStatement, query: &Query, dialect: Dialect, schema: Option<&str>) {
    if query.any_tags.is_empty() {
        return;
    }
    let (wanted, lookup, place): (Value, _, _) = if dialect.has_arrays() {
        let wanted = super::row::array(query.any_tags.iter().map(ledger_core::Tag::as_str));
        // The planner would rather compare every event of a small ledger with a hundred tags that it sees than look
        // each up, and rather walk a range of a large one than gather: so it sees neither the tags nor a range.
        let lookup = format!(
            "= ANY (ARRAY(SELECT \"found\".\"offset\" FROM {} AS \"found\" \
             WHERE \"found\".\"tags\" && (SELECT $1::text[])",
            table(schema)
        );
        (wanted.into(), lookup, "\"found\".\"offset\" + 0")
    } else {
        let wanted = serde_json::to_string(&query.any_tags).expect("tags are text");
        // Joined in this order, because the tags that are wanted are fewer than those that are there.
        let lookup = "IN (SELECT \"found\".\"offset\" FROM json_each(?) AS \"wanted\" \
                      CROSS JOIN \"event_tags\" AS \"found\" WHERE \"found\".\"tag\" = \"wanted\".\"value\"";
        (wanted.into(), lookup.to_owned(), "\"found\".\"offset\"")
    };
    let (mut found, mut values) = (format!("\"events\".\"offset\" {lookup}"), vec![wanted]);
    let after = (query.after.get() > 0).then_some((">", query.after));
    for (sign, offset) in after.into_iter().chain(query.up_to.map(|up_to| ("<=", up_to))) {
        values.push(int(offset.get()).into());
        let value = if dialect.numbers_values() { format!("${}", values.len()) } else { "?".to_owned() };
        found.push_str(&format!(" AND {place} {sign} {value}"));
    }
    found.push_str(if dialect.has_arrays() { "))" } else { ")" });
    select.and_where(Expr::cust_with_values(found, values));
}

fn is(column: Column, value: &str) -> Expr {
    Expr::col((Entity, column)).eq(value)
}

#[cfg(all(test, feature = "postgres", feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_bound_and_none_is_written_into_the_sql() {
        let tags = || Query::all().tag("k:'$1?\"\\").unwrap().tag("a:b").unwrap().any_tag("k:'$2?\"\\").unwrap();
        let offset = |number| ledger_core::Offset::new(number).unwrap();
        let query = tags().any_tag("k:}'").unwrap().kind("a.*").unwrap().run("?'").unwrap();
        let ranged = query.clone().from(offset(5)).up_to(offset(9));
        let timed = ranged.clone().id("i'$1?").unwrap().since(ledger_core::Timestamp::EPOCH);
        for (dialect, schema) in [(Dialect::Postgres, Some("s")), (Dialect::Sqlite, None)] {
            for query in [&query, &ranged, &timed] {
                let (sql, values) = page(query, Wanted::Events, Look::Short, dialect, schema);
                let places = sql.matches(['$', '?']).count();
                assert_eq!(places, values.0.len(), "{sql}");
                assert!(!sql.contains('\''), "{sql}");
            }
        }
    }

    #[test]
    fn one_statement_serves_any_number_of_tags() {
        for (dialect, schema) in [(Dialect::Postgres, Some("s")), (Dialect::Sqlite, None)] {
            let one = Query::all().any_tag("a:1").unwrap();
            let two = one.clone().any_tag("a:2").unwrap();
            let [one, two] = [one, two].map(|query| page(&query, Wanted::Events, Look::Short, dialect, schema).0);
            assert_eq!(one, two);
        }
    }
}
