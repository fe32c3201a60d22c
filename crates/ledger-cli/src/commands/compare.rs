//! `ledger verify`: what a ledger holds, in four values, and whether another holds the same.

use backends::Mode;
use ledger_core::{Difference, Event, Ledger, Offset, Verification, first_difference};
use serde::Serialize;

use crate::commands::tail::print;
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, Style, Unit, bar, counted, counter, grouped};
use crate::place::Target;

/// What `verify --json` prints of a ledger.
#[derive(Serialize)]
struct Values {
    count: u64,
    head: Offset,
    gaps: u64,
    pruned: u64,
    digest: String,
}

impl From<Verification> for Values {
    fn from(found: Verification) -> Self {
        let Verification { count, head, gaps, pruned, digest } = found;
        Self { count, head, gaps, pruned, digest: digest.to_string() }
    }
}

/// Reads a ledger from end to end and prints what it holds.
pub(super) async fn verify(out: &mut Out, target: &Target) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let found = Values::from(read(&*ledger).await?);
    match out.format {
        Format::Json => out.json(&found)?,
        Format::People => print_values(out, &found)?,
    }
    match found.gaps - found.pruned {
        0 => Ok(()),
        lost => Err(Failure::No(format!("{} without an event, and nothing says why", counted(lost, "offset")))),
    }
}

async fn read(ledger: &dyn Ledger) -> Result<Verification> {
    let progress = bar("verifying", 0, Unit::Events);
    let found = ledger_core::verify(ledger, |count, head| {
        progress.set_length(head.get());
        progress.set_position(count);
    })
    .await;
    progress.finish_and_clear();
    Ok(found?)
}

fn print_values(out: &mut Out, found: &Values) -> Result<()> {
    let lost = found.gaps - found.pruned;
    let gaps = match (found.gaps, lost) {
        (0, _) => "0: no event is missing".to_owned(),
        (gaps, 0) => format!("{}: all of them pruned, by the ledger's own record", grouped(gaps)),
        (gaps, lost) => {
            let (gaps, pruned, lost) = (grouped(gaps), grouped(found.pruned), grouped(lost));
            format!("{gaps}: {pruned} pruned, and {lost} without a word of why: lost, or never copied")
        }
    };
    for (name, value) in [
        ("events", grouped(found.count)),
        ("head", found.head.to_string()),
        ("gaps", gaps),
        ("digest", found.digest.clone()),
    ] {
        let line = format!("{} {value}", out.paint(Style::Dim, &format!("{name:<7}")));
        out.line(line)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Comparison<'a> {
    left: Values,
    right: Values,
    equal: bool,
    first_difference: Option<Where<'a>>,
}

#[derive(Serialize)]
struct Where<'a> {
    offset: Offset,
    left: Option<&'a Event>,
    right: Option<&'a Event>,
}

/// Reads two ledgers and prints whether they hold the same events, and where they differ first. Fails when they differ.
pub(super) async fn compare(out: &mut Out, left: &Target, right: &Target) -> Result<()> {
    let ledgers = (left.open(Mode::ReadOnly).await?, right.open(Mode::ReadOnly).await?);
    let found = (read(&*ledgers.0).await?, read(&*ledgers.1).await?);
    let equal = found.0.digest == found.1.digest;
    let difference = if equal { None } else { differ(&*ledgers.0, &*ledgers.1).await? };
    let (left_values, right_values) = (Values::from(found.0), Values::from(found.1));
    if out.format == Format::Json {
        let first_difference =
            difference.as_ref().map(|at| Where { offset: at.offset, left: at.left.as_ref(), right: at.right.as_ref() });
        out.json(&Comparison { left: left_values, right: right_values, equal, first_difference })?;
    } else {
        for (target, values) in [(left, &left_values), (right, &right_values)] {
            let title = out.paint(Style::Bold, &target.parsed.to_string()).into_owned();
            out.line(title)?;
            print_values(out, values)?;
        }
        conclude(out, (left_values.head, right_values.head), equal, difference.as_ref())?;
    }
    if equal {
        return Ok(());
    }
    out.flush()?;
    Err(Failure::Told)
}

async fn differ(left: &dyn Ledger, right: &dyn Ledger) -> Result<Option<Difference>> {
    let progress = counter("looking for the first difference", Unit::Events);
    let difference = first_difference(left, right).await;
    progress.finish_and_clear();
    Ok(difference?)
}

fn conclude(out: &mut Out, heads: (Offset, Offset), equal: bool, difference: Option<&Difference>) -> Result<()> {
    if equal {
        let line = out.paint(Style::Green, "equal: both hold the same events").into_owned();
        out.line(line)?;
        if heads.0 != heads.1 {
            out.line("their heads differ: one gave offsets to events that are gone, and the next offsets will differ")?;
        }
        return Ok(());
    }
    let Some(Difference { offset, left, right }) = difference else {
        let line =
            out.paint(Style::Yellow, "different when read, and equal since: one of them is being written").into_owned();
        return out.line(line);
    };
    let line = out.paint(Style::Red, &format!("different: first at offset {offset}")).into_owned();
    out.line(line)?;
    for (name, event) in [("left", left), ("right", right)] {
        let Some(event) = event else {
            out.line(format!("{name}: nothing"))?;
            continue;
        };
        out.line(format!("{name}:"))?;
        print(out, event, None)?;
    }
    Ok(())
}
