//! `ledger snapshot`: a verified copy of the ledger in another place.

use backends::Mode;
use indicatif::ProgressBar;
use ledger_core::{Copied, Offset, Progress};
use serde::Serialize;

use super::place_of_copy;
use crate::failure::Result;
use crate::output::{Format, Out, Unit, bar, counted, grouped};
use crate::place::Target;

/// What `snapshot --json` prints.
#[derive(Serialize)]
struct Summary {
    count: u64,
    head: Offset,
    digest: String,
    written: u64,
}

/// Copies the ledger.
pub(super) async fn run(out: &mut Out, target: &Target, dest: String) -> Result<()> {
    let dest = place_of_copy(dest)?;
    let source = target.open(Mode::ReadOnly).await?;
    let progress = bar("copying", 0, Unit::Events);
    let copied = backends::snapshot_to(&*source, &dest.url, &mut |at| show(&progress, at)).await;
    progress.finish_and_clear();
    let Copied { count, written, head, digest } = copied?;
    let digest = digest.to_string();
    if out.format == Format::Json {
        return out.json(&Summary { count, head, digest, written });
    }
    let place = &dest.parsed;
    out.line(format!("{place} holds {} up to head {head}, {} of them new", counted(count, "event"), grouped(written)))?;
    out.line(digest)
}

fn show(bar: &ProgressBar, progress: Progress) {
    let (what, at, of) = match progress {
        Progress::Comparing(at, of) => ("comparing", at, of),
        Progress::Writing(at, of) => ("writing", at, of),
        Progress::Verifying(at, of) => ("verifying", at, of),
    };
    bar.set_message(what);
    bar.set_length(of.get());
    bar.set_position(at.get());
}
