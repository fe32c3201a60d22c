//! A layer that every thread of a program records through, the ledger's own included: alone, because it is for a whole process.

use std::time::Duration;

use ledger_core::{Pace, Recorder, RecorderLayer};
use tests::places::UrlPlace;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_ledger_does_to_record_is_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorders = Vec::new();
    for (name, place) in [("clickhouse", UrlPlace::clickhouse().await), ("postgres", UrlPlace::postgres().await)] {
        let mut pace = Pace::default();
        pace.linger = Duration::from_millis(1);
        let ledger = place.open_url().await;
        recorders.push((Recorder::open_with(ledger.clone(), folder.path().join(name), pace).unwrap(), ledger, place));
    }
    tracing_subscriber::registry().with(RecorderLayer::new(recorders[0].0.clone())).init();
    for (recorder, ledger, _place) in &recorders {
        recorder.clone().scope_sync(|| drop(tracing::info_span!("load", writes = "t_1")));
        for _ in 0..20 {
            recorder.flush().await.unwrap();
            assert_eq!(ledger.head().await.unwrap().get(), 2, "the ledger records itself");
        }
    }
}
