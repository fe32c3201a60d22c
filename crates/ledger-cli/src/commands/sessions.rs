//! `ledger sessions`, `session`, `edit`, `reserve`, `release`, `checkpoint` and `delta`: what many do at once.

use backends::Mode;
use ledger_core::lineage::AsOf;
use ledger_core::session::{self, NewEdit, Overview, Session};
use ledger_core::views::session::{
    Claim, Collapse, Compact, Edit, Edited, Lanes, SessionSummary, Sessions, Whole, Wish,
};
use ledger_core::{Event, EventId, Ledger, Query, SessionId, Timestamp, fold};
use serde::Serialize;

use crate::cli::{self, Picture};
use crate::failure::{Failure, Result};
use crate::output::{Format, Out, Style, counted, note, plain};
use crate::place::Target;
use crate::render::{cut, short_time};

use super::append;

/// The most actors that are shown to people.
const MOST_ACTORS: usize = 3;

/// Lists all sessions.
pub(super) async fn list(out: &mut Out, target: &Target) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let mut sessions = Sessions::default();
    fold(&*ledger, Query::all(), &mut sessions).await?;
    if out.format == Format::Json {
        return sessions.all().iter().try_for_each(|session| out.json(session));
    }
    if sessions.all().is_empty() {
        return out.line("no sessions yet");
    }
    let row = |session: &SessionSummary| {
        vec![
            plain(session.session_id.as_str()).into_owned(),
            session.operations.to_string(),
            actors(session),
            session.lamport.to_string(),
            session.checkpoint.as_ref().map_or_else(|| "-".to_owned(), |found| plain(&found.snapshot).into_owned()),
            short_time(session.first_at),
            short_time(session.last_at),
        ]
    };
    let header = ["session", "edits", "actors", "clock", "checkpoint", "began (UTC)", "last event (UTC)"];
    out.table(&header, sessions.all().iter().map(row).collect())
}

fn actors(session: &SessionSummary) -> String {
    let named: Vec<_> = session.actors.iter().take(MOST_ACTORS).map(|actor| plain(actor.as_str())).collect();
    match session.actors.len().saturating_sub(MOST_ACTORS) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Fails when no event names a session: its name was mistyped.
pub(super) async fn must_be_there(ledger: &dyn Ledger, session: &SessionId, target: &Target) -> Result<()> {
    let any = ledger.read(&Query::all().session(session)?.limit(1)?).await?;
    if any.events.is_empty() { Err(no_session(session, target)) } else { Ok(()) }
}

pub(super) fn no_session(session: &SessionId, target: &Target) -> Failure {
    Failure::No(format!("no session `{}` in {}", plain(session.as_str()), target.parsed))
}

/// Prints one session: what it is, its newest edits, and who has reserved what.
pub(super) async fn one(out: &mut Out, target: &Target, asked: cli::Session) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let id = &asked.session;
    let found = session::overview(&*ledger, id, asked.most, AsOf::Now).await?;
    let Some(found) = found else { return Err(no_session(id, target)) };
    let Overview { session: summary, edits, claims, .. } = &found;
    if let Some(picture) = asked.graph.filter(|_| out.format == Format::People) {
        let lanes = Lanes::of(edits.clone());
        let drawn = match picture {
            Picture::Text => lanes.text(),
            Picture::Mermaid => lanes.mermaid(),
            Picture::Svg => lanes.svg(),
        };
        left_out(summary.operations, asked.most);
        return out.bytes(drawn.as_bytes());
    }
    if out.format == Format::Json {
        return out.json(&found);
    }
    let since = match &summary.checkpoint {
        None => 0,
        Some(found) => {
            let mut since = Sessions::default();
            let query = Query::all().session(id)?.from(found.offset).up_to(summary.last_offset);
            fold(&*ledger, query, &mut since).await?;
            since.get(id).map_or(0, |since| since.operations)
        }
    };
    about(out, summary, since)?;
    let row = |edited: &Edited| {
        vec![
            edited.link.stamp.lamport.map_or_else(|| "-".to_owned(), |lamport| lamport.to_string()),
            plain(edited.actor().as_str()).into_owned(),
            plain(edited.domain.as_str()).into_owned(),
            plain(&cut(&edited.edit.to_string(), 60)).into_owned(),
            edited.link.parents.len().to_string(),
            short_time(edited.at),
            edited.link.offset.to_string(),
            plain(edited.id().as_str()).into_owned(),
        ]
    };
    if !edits.is_empty() {
        let header = ["clock", "actor", "domain", "edit", "causes", "made (UTC)", "offset", "id"];
        out.table(&header, edits.iter().map(row).collect())?;
    }
    for claim in claims {
        let targets = if claim.wish.targets.is_empty() { "all".to_owned() } else { claim.wish.targets.join(", ") };
        let (what, actor) = (claim.firmness.as_str(), plain(claim.actor.as_str()));
        let (domain, until) = (plain(claim.wish.domain.as_str()), short_time(claim.wish.expires_at));
        out.line(format!("{what} by {actor}: {} of {domain}, until {until} ({})", plain(&targets), claim.id))?;
    }
    let actor = |id: &EventId| {
        let claim = claims.iter().find(|claim| claim.id == *id);
        claim.map_or_else(String::new, |claim| plain(claim.actor.as_str()).into_owned())
    };
    for [one, other] in &found.claims_in_conflict {
        out.line(format!("{} and {} have reserved the same: {one} and {other}", actor(one), actor(other)))?;
    }
    if found.malformed_claims > 0 {
        note(&format!(
            "{} cannot be read as claims, and are passed over",
            counted(found.malformed_claims as u64, "event")
        ));
    }
    left_out(summary.operations, asked.most);
    Ok(())
}

fn about(out: &mut Out, summary: &SessionSummary, since: u64) -> Result<()> {
    let title = out.paint(Style::Bold, &plain(summary.session_id.as_str())).into_owned();
    out.line(title)?;
    let (edits, lamport) = (counted(summary.operations, "edit"), summary.lamport);
    let (first, last) = (short_time(summary.first_at), short_time(summary.last_at));
    out.line(format!("{edits} by {}, clock at {lamport}, {first} to {last} UTC", actors(summary)))?;
    match &summary.checkpoint {
        None => out.line("no checkpoint"),
        Some(found) => out.line(format!(
            "checkpoint {} includes {} up to offset {}; {} since",
            plain(&found.snapshot),
            counted(found.operations, "edit"),
            found.offset,
            counted(since, "edit"),
        )),
    }?;
    if summary.malformed > 0 {
        out.line(format!("{} of it cannot be read", counted(summary.malformed, "event")))?;
    }
    Ok(())
}

fn left_out(operations: u64, most: usize) {
    if operations > most as u64 {
        note(&format!("shows the newest {most} of {}: --most takes more", counted(operations, "edit")));
    }
}

/// Finds an event by its id.
async fn stored(ledger: &dyn Ledger, id: &EventId) -> Result<Option<Event>> {
    Ok(ledger.read(&Query::all().id(id)?).await?.events.pop())
}

/// Records an edit.
pub(super) async fn edit(out: &mut Out, target: &Target, asked: cli::NewEdit) -> Result<()> {
    let edit: Edit = append::json(&asked.edit)?.parse()?;
    let ledger = target.open(Mode::Create).await?;
    let before = match &asked.id {
        Some(id) => stored(&*ledger, id).await?,
        None => None,
    };
    let session = Session::open(ledger, asked.session, asked.actor).await?;
    let parents = match before {
        // It was recorded before, by one who had seen less.
        Some(before) if asked.seen_all => before.draft.parents,
        None if asked.seen_all => session.frontier().await?,
        _ => asked.parents,
    };
    let (intent, reservation) = (asked.intent, asked.reservation);
    let mut edit = NewEdit { parents, intent, reservation, ..NewEdit::new(asked.domain, edit)? };
    if let Some(id) = asked.id {
        edit.id = id;
    }
    let recorded = session.record(edit).await?;
    match out.format {
        Format::Json => out.json(&recorded),
        Format::People => out.line(format!("offset {} clock {} {}", recorded.offset, recorded.lamport, recorded.id)),
    }
}

/// Records a reservation, or an intent.
pub(super) async fn reserve(out: &mut Out, target: &Target, asked: cli::Reserve) -> Result<()> {
    #[derive(Serialize)]
    struct Reserved {
        id: EventId,
        expires_at: Timestamp,
        conflicts: Vec<Claim>,
    }
    let mut wish = Wish { note: asked.note, ..Wish::of(asked.domain, asked.targets, asked.time)? };
    let ledger = target.open(Mode::Create).await?;
    let id = asked.id.unwrap_or_else(EventId::fresh);
    if let Some(before) = stored(&*ledger, &id).await?
        && let Ok(before) = before.payload_as::<Wish>()
    {
        // It was recorded before, and ends when it was said to end then.
        wish.expires_at = before.expires_at;
    }
    let session = Session::open(ledger, asked.session, asked.actor).await?;
    let conflicts = if asked.intent {
        session.intend(&id, &wish).await?;
        Vec::new()
    } else {
        session.reserve(&id, &wish).await?
    };
    if out.format == Format::Json {
        return out.json(&Reserved { id, expires_at: wish.expires_at, conflicts });
    }
    out.line(format!("until {} UTC  {}", short_time(wish.expires_at), plain(id.as_str())))?;
    conflicts.iter().try_for_each(|claim| {
        let (actor, until) = (plain(claim.actor.as_str()), short_time(claim.wish.expires_at));
        out.line(format!("{actor} has reserved the same, until {until}  {}", plain(claim.id.as_str())))
    })
}

/// Ends a reservation or an intent.
pub(super) async fn release(out: &mut Out, target: &Target, asked: cli::Release) -> Result<()> {
    let ledger = target.open(Mode::Existing).await?;
    must_be_there(&*ledger, &asked.session, target).await?;
    let session = Session::open(ledger, asked.session, &asked.actor).await?;
    if session.release(&asked.id).await? {
        return match out.format {
            Format::Json => out.json(&serde_json::json!({"released": asked.id})),
            Format::People => out.line("released"),
        };
    }
    let (id, actor) = (plain(asked.id.as_str()), plain(asked.actor.as_str()));
    Err(Failure::No(format!("no reservation or intent `{id}` of `{actor}` that has not ended")))
}

/// Records a checkpoint.
pub(super) async fn checkpoint(out: &mut Out, target: &Target, asked: cli::NewCheckpoint) -> Result<()> {
    let ledger = target.open(Mode::Existing).await?;
    must_be_there(&*ledger, &asked.session, target).await?;
    let taken = session::checkpoint(&*ledger, &asked.session, &asked.actor, &asked.snapshot, asked.at).await?;
    match out.format {
        Format::Json => out.json(&taken),
        Format::People => out.line(format!(
            "{} includes {} up to offset {}, clock at {}",
            plain(&taken.snapshot),
            counted(taken.operations, "edit"),
            taken.offset,
            taken.lamport
        )),
    }
}

/// Prints what was done to a domain since the newest checkpoint.
pub(super) async fn delta(out: &mut Out, target: &Target, asked: cli::Delta) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    must_be_there(&*ledger, &asked.session, target).await?;
    let collapse: &dyn Collapse = if asked.all { &Whole } else { &Compact };
    let delta = session::delta(&*ledger, &asked.session, &asked.domain, collapse, AsOf::Now).await?;
    if delta.malformed > 0 {
        note(&format!("{} cannot be read as edits, and are left out", counted(delta.malformed, "event")));
    }
    if out.format == Format::Json {
        #[derive(Serialize)]
        struct Summed<'d> {
            summary: String,
            #[serde(flatten)]
            delta: &'d ledger_core::views::session::Delta,
        }
        return out.json(&Summed { summary: delta.summary(), delta: &delta });
    }
    let since = delta.snapshot.as_ref().map_or_else(|| "the beginning".to_owned(), |name| plain(name).into_owned());
    let of = counted(delta.operations, "edit");
    out.line(format!("{}  (of {of} since {since})", out.paint(Style::Bold, &delta.summary())))?;
    delta.changes.iter().try_for_each(|change| {
        let content = change.edit.content().map(|content| format!("  {}", cut(content.as_str(), 80)));
        out.line(format!("{}{}", plain(&change.edit.to_string()), plain(&content.unwrap_or_default())))
    })
}
