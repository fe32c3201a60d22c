//! The cases, a file for each kind of work; a case's name is `backend/case/variant`.

mod append;
mod concurrent;
mod copy;
mod follow;
mod glances;
mod http;
mod lineage;
mod memory;
mod open;
mod operations;
mod pages;
pub(crate) mod peak;
mod recorder;
mod retention;
mod sessions;
mod tail;

use crate::Result;
use crate::bench::Bench;

/// Runs all cases that are wanted.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    memory::run(bench).await?;
    append::run(bench).await?;
    concurrent::run(bench).await?;
    tail::run(bench).await?;
    follow::run(bench).await?;
    pages::run(bench).await?;
    glances::run(bench).await?;
    copy::run(bench).await?;
    lineage::run(bench).await?;
    operations::run(bench).await?;
    retention::run(bench).await?;
    sessions::run(bench).await?;
    http::run(bench).await?;
    recorder::run(bench).await?;
    open::run(bench).await?;
    peak::run(bench).await
}
