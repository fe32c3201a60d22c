//! cqrs-es on Postgres: an aggregate for each single event, and one for each batch, because a command is for one aggregate.
//!
//! It has no order over all aggregates and nothing to follow, so only appends are measured.

use std::sync::Arc;

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use postgres_es::{PostgresCqrs, postgres_cqrs};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::driver::{Deliver, Payload, Peer, Result};

/// A connection for each of the tasks that append at once.
const CONNECTIONS: u32 = 64;
/// The library's own table; it leaves creating it to its users.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS events (
      aggregate_type text                         NOT NULL,
      aggregate_id   text                         NOT NULL,
      sequence       bigint CHECK (sequence >= 0) NOT NULL,
      event_type     text                         NOT NULL,
      event_version  text                         NOT NULL,
      payload        json                         NOT NULL,
      metadata       json                         NOT NULL,
      PRIMARY KEY (aggregate_type, aggregate_id, sequence)
    )";

/// The one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPlaced {
    order_id: String,
    #[serde(flatten)]
    payload: Payload,
}

impl DomainEvent for OrderPlaced {
    fn event_type(&self) -> String {
        "order.placed".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

/// An order, or a batch of orders: it can be placed once.
#[derive(Default, Serialize, Deserialize)]
pub struct Order {
    placed: bool,
}

/// Says that the order was placed before.
#[derive(Debug)]
pub struct PlacedBefore;

impl std::fmt::Display for PlacedBefore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the order was placed before")
    }
}

impl std::error::Error for PlacedBefore {}

impl Aggregate for Order {
    const TYPE: &'static str = "order";
    type Command = Vec<OrderPlaced>;
    type Event = OrderPlaced;
    type Error = PlacedBefore;
    type Services = ();

    async fn handle(
        &mut self,
        command: Self::Command,
        _service: &Self::Services,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        if self.placed {
            return Err(PlacedBefore);
        }
        for event in command {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, _event: Self::Event) {
        self.placed = true;
    }
}

/// The framework on one database.
#[derive(Clone)]
pub struct Cqrs {
    pool: PgPool,
    framework: Arc<PostgresCqrs<Order>>,
}

impl Peer for Cqrs {
    type Event = OrderPlaced;

    async fn open(_variant: &str, place: &str) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(place).await?;
        sqlx::query(TABLE).execute(&pool).await?;
        let framework = Arc::new(postgres_cqrs(pool.clone(), Vec::new(), ()));
        Ok(Self { pool, framework })
    }

    async fn close(&self) {
        self.pool.close().await;
    }

    fn event(id: Uuid, payload: &Payload) -> Result<OrderPlaced> {
        Ok(OrderPlaced { order_id: id.to_string(), payload: payload.clone() })
    }

    async fn append(&self, event: OrderPlaced) -> Result<()> {
        self.append_batch(vec![event]).await
    }

    async fn append_batch(&self, events: Vec<OrderPlaced>) -> Result<()> {
        let first = events[0].order_id.clone();
        self.framework.execute(&first, events).await?;
        Ok(())
    }

    async fn head(&self) -> Result<()> {
        Err("cqrs-es has no order over all events".into())
    }

    async fn count(&self) -> Result<usize> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&self.pool).await?;
        Ok(usize::try_from(count)?)
    }

    async fn tail(&self) -> Result<usize> {
        Err("cqrs-es has no order over all events".into())
    }

    async fn follow(&self, _deliver: Deliver, _stop: oneshot::Receiver<()>) -> Result<()> {
        Err("cqrs-es has nothing to follow".into())
    }

    async fn stored(&self) -> Result<Vec<(i64, String)>> {
        Err("cqrs-es has no order over all events".into())
    }

    async fn settings(&self) -> Result<Value> {
        let said: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&self.pool).await?;
        Ok(json!({"synchronous_commit": said, "pool": self.pool.options().get_max_connections()}))
    }
}
