//! Disintegrate on Postgres: a single event is appended on condition that no event has its id, as a decision of the library is.

use std::convert::Infallible;
use std::time::Duration;

use async_trait::async_trait;
use disintegrate::serde::json::Json;
use disintegrate::{Event, EventListener, EventStore, PersistedEvent, StreamItem, StreamQuery, query};
use disintegrate_postgres::{
    PgEventId, PgEventListener, PgEventListenerConfig, PgEventListenerError, PgEventStore, RetryAction,
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::driver::{Deliver, Payload, Peer, Result};

/// A connection for each of the tasks that append at once.
const CONNECTIONS: u32 = 64;
/// How often the listener polls, beside being notified; as in the library's example.
const POLL: Duration = Duration::from_secs(5);

/// The one event.
#[derive(Clone, Debug, PartialEq, Eq, Event, Serialize, Deserialize)]
pub enum OrderEvent {
    OrderPlaced {
        #[id]
        order_id: String,
        customer: u32,
        items: Vec<String>,
        note: String,
    },
}

/// A store; `checked` says whether single appends look for their id.
#[derive(Clone)]
pub struct Disintegrate {
    pool: PgPool,
    store: PgEventStore<OrderEvent, Json<OrderEvent>>,
    checked: bool,
}

impl Peer for Disintegrate {
    type Event = OrderEvent;

    async fn open(variant: &str, place: &str) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(place).await?;
        let store = PgEventStore::try_new(pool.clone(), Json::<OrderEvent>::default()).await?;
        Ok(Self { pool, store, checked: variant != "unchecked" })
    }

    async fn close(&self) {
        self.pool.close().await;
    }

    fn event(id: Uuid, payload: &Payload) -> Result<OrderEvent> {
        let Payload { customer, items, note } = payload.clone();
        Ok(OrderEvent::OrderPlaced { order_id: id.to_string(), customer, items, note })
    }

    async fn append(&self, event: OrderEvent) -> Result<()> {
        if !self.checked {
            return self.append_batch(vec![event]).await;
        }
        let OrderEvent::OrderPlaced { order_id, .. } = &event;
        let same = query!(OrderEvent; order_id == order_id.clone());
        self.store.append(vec![event], same, 0).await?;
        Ok(())
    }

    /// Without a look for ids: the library's queries are not made for a thousand of them.
    async fn append_batch(&self, events: Vec<OrderEvent>) -> Result<()> {
        self.store.append_without_validation(events).await?;
        Ok(())
    }

    async fn head(&self) -> Result<()> {
        sqlx::query_scalar::<_, Option<i64>>("SELECT max(event_id) FROM event").fetch_one(&self.pool).await?;
        Ok(())
    }

    async fn count(&self) -> Result<usize> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM event").fetch_one(&self.pool).await?;
        Ok(usize::try_from(count)?)
    }

    async fn tail(&self) -> Result<usize> {
        let all: StreamQuery<PgEventId, OrderEvent> = query!(OrderEvent);
        let mut items = self.store.stream(&all);
        let mut count = 0;
        while let Some(item) = items.next().await {
            if let StreamItem::Event(_) = item? {
                count += 1;
            }
        }
        Ok(count)
    }

    /// As the library's example follows: an error is told of, and ends the listener. Without that `start` waits on, and says
    /// nothing.
    async fn follow(&self, deliver: Deliver, stop: oneshot::Receiver<()>) -> Result<()> {
        let follower = Follower { all: query!(OrderEvent), deliver };
        let (tell, mut failed) = mpsc::unbounded_channel();
        let abort = move |error: PgEventListenerError<Infallible>, _attempts: usize| {
            let _ = tell.send(format!("{error:?}"));
            RetryAction::Abort
        };
        let config = PgEventListenerConfig::poller(POLL).with_notifier().with_retry(abort);
        let listener = PgEventListener::builder(self.store.clone())
            .register_listener(follower, config)
            .start_with_shutdown(async {
                let _ = stop.await;
            });
        tokio::select! {
            ended = listener => ended?,
            Some(error) = failed.recv() => return Err(error.into()),
        }
        Ok(())
    }

    async fn stored(&self) -> Result<Vec<(i64, String)>> {
        Ok(sqlx::query_as("SELECT event_id, order_id FROM event ORDER BY 1").fetch_all(&self.pool).await?)
    }

    async fn settings(&self) -> Result<Value> {
        let said: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&self.pool).await?;
        Ok(json!({"synchronous_commit": said, "pool": self.pool.options().get_max_connections()}))
    }
}

struct Follower {
    all: StreamQuery<PgEventId, OrderEvent>,
    deliver: Deliver,
}

#[async_trait]
impl EventListener<PgEventId, OrderEvent> for Follower {
    type Error = Infallible;

    fn id(&self) -> &'static str {
        "follower"
    }

    fn query(&self) -> &StreamQuery<PgEventId, OrderEvent> {
        &self.all
    }

    async fn handle(&self, event: PersistedEvent<PgEventId, OrderEvent>) -> Result<(), Infallible> {
        let position = event.id();
        let OrderEvent::OrderPlaced { order_id, .. } = event.into_inner();
        (self.deliver)(position, order_id);
        Ok(())
    }
}
