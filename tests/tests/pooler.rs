//! Postgres behind a real pgbouncer in transaction mode with three sessions: right results, and nothing leaks between clients.

use std::sync::Arc;

use async_trait::async_trait;
use ledger_core::{Ledger, LedgerExt, Result};
use ledger_testkit::engines::{Bouncer, PostgresServer, private_postgres};
use ledger_testkit::{Backend, Place, draft};
use sqlx::{Connection, PgConnection};
use tests::load::Load;
use tokio::sync::OnceCell;

struct Pooled {
    server: PostgresServer,
    bouncer: Bouncer,
}

async fn pooled() -> &'static Pooled {
    static POOLED: OnceCell<Pooled> = OnceCell::const_new();
    POOLED
        .get_or_init(|| async {
            let server = private_postgres().await.unwrap_or_else(|error| panic!("{error}"));
            let bouncer = Bouncer::start(&server, 3).await.unwrap_or_else(|error| panic!("{error}"));
            Pooled { server, bouncer }
        })
        .await
}

async fn fresh_url() -> String {
    let pooled = pooled().await;
    pooled
        .bouncer
        .through(&pooled.server.fresh_database().await.expect("the test's own set-up works"))
        .expect("the test's own set-up works")
}

#[derive(Clone, Copy)]
struct ThroughPooler;

struct PooledPlace(String);

#[async_trait]
impl Place for PooledPlace {
    async fn open(&self) -> Result<Arc<dyn Ledger>> {
        backends::open(&format!("{}?schema=ledger&pool=6", self.0)).await
    }
}

#[async_trait]
impl Backend for ThroughPooler {
    fn name(&self) -> &'static str {
        "postgres"
    }

    async fn fresh(&self) -> Box<dyn Place> {
        Box::new(PooledPlace(fresh_url().await))
    }
}

ledger_testkit::tests_of_laws! { ThroughPooler;
    append {
        append_answers_a_repeated_id_with_its_first_offset
        append_refuses_an_id_with_other_content
        append_shows_a_batch_whole_or_not_at_all
        append_gives_each_id_one_offset_under_concurrency
        append_fails_only_the_caller_with_the_conflict
        append_is_whole_or_absent_when_its_caller_stops_waiting
    }
    condition {
        condition_lets_exactly_one_of_many_win
        condition_loses_no_update
    }
    order {
        order_never_shows_an_event_before_the_one_it_follows
        order_shows_a_commit_to_every_handle_at_once
    }
    random {
        read_agrees_with_the_meaning_of_a_query
        prune_agrees_with_the_meaning_of_a_query
    }
    live {
        wait_wakes_for_an_append_through_any_handle
        follow_goes_from_the_past_into_the_present
    }
    restore {
        restore_refuses_other_content_and_touches_nothing
        restore_keeps_offsets_and_gaps_and_raises_the_head
    }
    copy {
        copy_while_others_append_is_a_prefix
    }
    durable {
        reopening_finds_what_was_there
        opening_by_many_at_once_makes_one_ledger
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn load_through_the_pooler_with_sessions_cut_loses_and_doubles_nothing() {
    let url = format!("{}?schema=ledger&pool=8", fresh_url().await);
    let handles = [backends::open(&url).await.unwrap(), backends::open(&url).await.unwrap()];
    let load = Load::start(&handles, 12);
    let name = url.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap();
    for _ in 0..6 {
        load.more(60).await;
        let cut = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        pooled().await.server.execute(&cut).await.unwrap();
    }
    load.more(100).await;
    load.finish(&handles[0]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_behind_the_pooler_is_left_listening_or_changed() {
    let url = fresh_url().await;
    let place = PooledPlace(url.clone());
    let (here, there) = (place.open().await.unwrap(), place.open().await.unwrap());
    for n in 0..20_u64 {
        let after = here.head().await.unwrap();
        let waiting = tokio::spawn({
            let there = there.clone();
            async move { there.wait(after).await }
        });
        here.append_one(draft(&format!("e-{n}"))).await.unwrap();
        waiting.await.unwrap().unwrap();
    }
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(PgConnection::connect(&url).await.unwrap());
    }
    for client in &mut clients {
        // An open transaction holds its session, so that the next client meets another one.
        sqlx::raw_sql("begin").execute(&mut *client).await.unwrap();
        let channels = sqlx::raw_sql("select pg_listening_channels()").fetch_all(&mut *client).await.unwrap();
        assert!(channels.is_empty(), "a session of the pooler still listens");
        let changed = "select name from pg_settings where source = 'session' \
                       and name not in ('application_name', 'client_encoding', 'DateStyle', 'TimeZone')";
        let changed = sqlx::raw_sql(changed).fetch_all(&mut *client).await.unwrap();
        assert!(changed.is_empty(), "a session of the pooler keeps settings: {changed:?}");
    }
}
