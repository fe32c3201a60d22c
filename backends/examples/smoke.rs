use futures::StreamExt;
use ledger_core::*;
use std::time::Instant;
#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).unwrap();
    let ledger = backends::open(&url).await?;
    println!("{ledger:?} {}", ledger.identity().await?);
    let d =
        Draft::new("a.b", &serde_json::json!({"x":1}))?.id("one")?.tag("k:v\"\\é\n")?.parent("p'1")?.session("s")?;
    println!("{:?}", ledger.append_one(d.clone()).await?);
    println!("{:?}", ledger.append_one(d.clone()).await?);
    println!("{:?}", ledger.append_one(d.clone().turn(4)).await);
    println!("{:?}", ledger.read(&Query::all().tag("k:v\"\\é\n")?.kind("a.*")?).await?);
    let c = Condition::none_after(Query::all(), Offset::START);
    println!("{:?}", ledger.append(&[Draft::new("a.b", &1)?], &c).await);
    let n = 200_000u64;
    let t = Instant::now();
    let payload = "x".repeat(200);
    for _ in 0..n / 1000 {
        let batch: Vec<_> = (0..1000)
            .map(|i| Draft::new("order.placed", &serde_json::json!({"n":i,"p":payload})).unwrap().run("run-1").unwrap())
            .collect();
        ledger.append(&batch, &Condition::None).await?;
    }
    println!("append {:.0}/s", n as f64 / t.elapsed().as_secs_f64());
    let t = Instant::now();
    let mut tail = ledger.tail(Query::all().limit(4000)?);
    let mut k = 0u64;
    while let Some(e) = tail.next().await {
        e?;
        k += 1;
    }
    println!("tail {k} {:.0}/s", k as f64 / t.elapsed().as_secs_f64());
    let t = Instant::now();
    let v = verify(&*ledger, |_, _| ()).await?;
    println!("verify {v:?} {:.0}/s", k as f64 / t.elapsed().as_secs_f64());
    let t = Instant::now();
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let l = ledger.clone();
        set.spawn(async move {
            for _ in 0..50 {
                l.append_one(Draft::new("a.b", &1).unwrap()).await.unwrap();
            }
        });
    }
    while set.join_next().await.is_some() {}
    println!("64 tasks {:.0}/s", 3200.0 / t.elapsed().as_secs_f64());
    let t = Instant::now();
    for _ in 0..200 {
        ledger.append_one(Draft::new("a.b", &1).unwrap()).await.unwrap();
    }
    println!("1 task {:.0}/s", 200.0 / t.elapsed().as_secs_f64());
    println!("pruned {}", ledger.prune(&Query::all().kind("a.b")?).await?);
    println!("head {}", ledger.head().await?);
    let t = Instant::now();
    println!(
        "{:?} {:?}",
        backends::snapshot_to(&*ledger, &format!("/tmp/t/snap-{}.db", std::process::id()), &mut |_| ()).await?,
        t.elapsed()
    );
    Ok(())
}
