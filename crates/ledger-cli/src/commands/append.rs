//! `ledger append`: records one event and says where it stands.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use backends::Mode;
use ledger_core::{Condition, Draft, Error, EventId, Offset, Payload, Query, Receipt};
use serde::Serialize;

use crate::cli::Append;
use crate::failure::{Failure, Result, shown};
use crate::output::{Format, Out};
use crate::place::Target;

/// What `append --json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    offset: Offset,
    id: &'a str,
    status: &'static str,
}

/// Appends the event that the flags describe.
pub(super) async fn run(out: &mut Out, target: &Target, append: Append) -> Result<()> {
    let condition = append.if_head.map_or(Condition::None, |head| Condition::none_after(Query::all(), head));
    let draft = draft(append)?;
    let ledger = target.open(Mode::Create).await?;
    let receipts = ledger.append(std::slice::from_ref(&draft), &condition).await?;
    receipts.into_iter().try_for_each(|receipt| say(out, receipt, &draft.id))
}

/// Says where an event stands.
pub(super) fn say(out: &mut Out, Receipt { offset, status }: Receipt, id: &EventId) -> Result<()> {
    match out.format {
        Format::Json => out.json(&Answer { offset, id: id.as_str(), status: status.as_str() }),
        Format::People => out.line(format!("offset {offset} {} {id}", status.as_str())),
    }
}

fn draft(append: Append) -> Result<Draft> {
    let payload = payload(&append.payload)?;
    let mut draft = Draft::from_parts(append.kind, payload).turn(append.turn).schema_version(append.schema_version);
    if let Some(id) = append.id {
        draft.id = id;
    }
    if let Some(run) = append.run {
        draft.run_id = run;
    }
    if let Some(actor) = append.actor {
        draft.actor = actor;
    }
    if let Some(at) = append.at {
        draft.created_at = at;
    }
    draft.session_id = append.session;
    draft.model_profile = append.model_profile;
    draft.model_id = append.model_id;
    draft.parents = append.parents;
    draft.lamport = append.lamport;
    let draft = draft.tagged(append.tags);
    draft.check()?;
    Ok(draft)
}

/// Reads the payload: JSON itself, `@FILE`, or `-` for standard input.
pub(super) fn payload(given: &str) -> Result<Payload> {
    Ok(Payload::from_json(&json(given)?)?)
}

/// Reads JSON itself, `@FILE`, or `-` for standard input.
pub(super) fn json(given: &str) -> Result<String> {
    match given.strip_prefix('@') {
        _ if given == "-" => read("standard input", io::stdin().lock()),
        None => Ok(given.to_owned()),
        Some(path) => {
            let name = shown(Path::new(path));
            let file = File::open(path).map_err(|error| Failure::io(format!("cannot read {name}"), error))?;
            read(&name, file)
        }
    }
}

/// Reads text, and stops where it is too long to be a payload, so that a wrong file does not fill the memory.
fn read(name: &str, source: impl Read) -> Result<String> {
    let most = 2 * Payload::MAX_BYTES as u64;
    let mut bytes = Vec::new();
    source.take(most + 1).read_to_end(&mut bytes).map_err(|error| Failure::io(format!("cannot read {name}"), error))?;
    let refuse = |why: &str| Failure::from(Error::invalid("payload", format!("{name} {why}")));
    if bytes.len() as u64 > most {
        return Err(refuse(&format!("has more than {most} bytes: {} are the most", Payload::MAX_BYTES)));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Err(refuse("starts with a byte order mark: save it as UTF-8 without one"));
    }
    String::from_utf8(bytes)
        .map_err(|error| refuse(&format!("is not UTF-8 from byte {} on", error.utf8_error().valid_up_to() + 1)))
}
