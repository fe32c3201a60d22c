//! `ledger sessions`, `session`, `edit`, `checkpoint`, `delta` and `merge`: what many did at once, and what came of it.

use std::collections::BTreeSet;
use std::path::Path;

use backends::Mode;
use futures::TryStreamExt;
use ledger_core::session::{self, Carried, NewEdit, Session};
use ledger_core::views::session::{
    About, Change, Claim, Collapse, Compact, Edit, Edited, Lanes, OPERATION, Placed, Report, SessionSummary, Sessions,
    Wish, in_causal_order,
};
use ledger_core::{Actor, Domain, Event, EventId, Ledger, LedgerExt, Offset, Query, SessionId, Timestamp, fold};
use serde::Serialize;

use crate::cli::{self, Picture};
use crate::failure::{Failure, Result, shown};
use crate::output::{Format, Out, Style, counted, note, plain};
use crate::place::Target;
use crate::render::{cut, short_time};

use super::append;

/// The most actors, and the most conflicts, that are shown to people.
const MOST_ACTORS: usize = 3;
const MOST_CONFLICTS: usize = 50;
/// The most ids that are told one by one.
const MOST_CLASHES: usize = 20;

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
async fn must_be_there(ledger: &dyn Ledger, session: &SessionId, target: &Target) -> Result<()> {
    let any = ledger.read(&Query::all().session(session)?.limit(1)?).await?;
    if any.events.is_empty() { Err(no_session(session, target)) } else { Ok(()) }
}

fn no_session(session: &SessionId, target: &Target) -> Failure {
    Failure::No(format!("no session `{}` in {}", plain(session.as_str()), target.parsed))
}

/// An edit as a program reads it.
#[derive(Serialize)]
struct Line<'e> {
    offset: Offset,
    id: &'e EventId,
    lamport: Option<u64>,
    actor: &'e Actor,
    parents: &'e [EventId],
    domain: &'e Domain,
    edit: &'e Edit,
    intent: Option<&'e EventId>,
    reservation: Option<&'e EventId>,
    at: Timestamp,
}

impl<'e> Line<'e> {
    fn of(edited: &'e Edited) -> Self {
        Self {
            offset: edited.link.offset,
            id: edited.id(),
            lamport: edited.link.stamp.lamport,
            actor: edited.actor(),
            parents: &edited.link.parents,
            domain: &edited.domain,
            edit: &edited.edit,
            intent: edited.intent.as_ref(),
            reservation: edited.reservation.as_ref(),
            at: edited.at,
        }
    }
}

/// Prints one session: what it is, its newest edits, and who has reserved what.
pub(super) async fn one(out: &mut Out, target: &Target, asked: cli::Session) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    let id = &asked.session;
    let mut sessions = Sessions::default();
    let head = fold(&*ledger, Query::all().session(id)?, &mut sessions).await?;
    let Some(summary) = sessions.get(id) else { return Err(no_session(id, target)) };
    let edits = in_causal_order(newest(&*ledger, id, head, asked.most).await?);
    if let Some(picture) = asked.graph.filter(|_| out.format == Format::People) {
        let lanes = Lanes::of(edits);
        let drawn = match picture {
            Picture::Text => lanes.text(),
            Picture::Mermaid => lanes.mermaid(),
            Picture::Svg => lanes.svg(),
        };
        left_out(summary.operations, asked.most);
        return out.bytes(drawn.as_bytes());
    }
    let claims = session::coordination(&*ledger, id).await?;
    let now = Timestamp::now();
    let active: Vec<&Claim> = claims.active(now).collect();
    let conflicts = claims.conflicts(now);
    if out.format == Format::Json {
        #[derive(Serialize)]
        struct Whole<'s> {
            session: &'s SessionSummary,
            edits: Vec<Line<'s>>,
            claims: Vec<&'s Claim>,
            claims_in_conflict: Vec<[&'s EventId; 2]>,
            malformed_claims: usize,
        }
        return out.json(&Whole {
            session: summary,
            edits: edits.iter().map(Line::of).collect(),
            claims: active,
            claims_in_conflict: conflicts.iter().map(|(one, other)| [&one.id, &other.id]).collect(),
            malformed_claims: claims.malformed().len(),
        });
    }
    let since = match &summary.checkpoint {
        None => 0,
        Some(found) => {
            let mut since = Sessions::default();
            fold(&*ledger, Query::all().session(id)?.from(found.offset).up_to(head), &mut since).await?;
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
    for claim in &active {
        let targets = if claim.wish.targets.is_empty() { "all".to_owned() } else { claim.wish.targets.join(", ") };
        let (what, actor) = (format!("{:?}", claim.firmness).to_lowercase(), plain(claim.actor.as_str()));
        let (domain, until) = (plain(claim.wish.domain.as_str()), short_time(claim.wish.expires_at));
        out.line(format!("{what} by {actor}: {} of {domain}, until {until} ({})", plain(&targets), claim.id))?;
    }
    for (one, other) in conflicts {
        let (one_by, other_by) = (plain(one.actor.as_str()), plain(other.actor.as_str()));
        out.line(format!("{one_by} and {other_by} have reserved the same: {} and {}", one.id, other.id))?;
    }
    claims.malformed().iter().for_each(|error| note(&format!("passed over: {error}")));
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

/// Reads the newest edits, so many at most; what cannot be read is passed over, and told with the summary.
async fn newest(ledger: &dyn Ledger, session: &SessionId, head: Offset, most: usize) -> Result<Vec<Edited>> {
    let mut events = ledger.tail(Query::all().session(session)?.kind(OPERATION)?.up_to(head).descending());
    let mut edits = Vec::new();
    while edits.len() < most
        && let Some(event) = events.try_next().await?
    {
        edits.extend(Edited::read(&event).and_then(std::result::Result::ok));
    }
    Ok(edits)
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

/// Leaves nothing out.
struct All;

impl Collapse for All {
    fn collapse(&self, edits: Vec<Change>) -> ledger_core::Result<Vec<Change>> {
        Ok(edits)
    }
}

/// Prints what was done to a domain since the newest checkpoint.
pub(super) async fn delta(out: &mut Out, target: &Target, asked: cli::Delta) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    must_be_there(&*ledger, &asked.session, target).await?;
    let collapse: &dyn Collapse = if asked.all { &All } else { &Compact };
    let delta = session::delta(&*ledger, &asked.session, &asked.domain, collapse).await?;
    if delta.malformed > 0 {
        note(&format!("{} cannot be read as edits, and are left out", counted(delta.malformed, "event")));
    }
    if out.format == Format::Json {
        #[derive(Serialize)]
        struct Whole<'d> {
            summary: String,
            #[serde(flatten)]
            delta: &'d ledger_core::views::session::Delta,
        }
        return out.json(&Whole { summary: delta.summary(), delta: &delta });
    }
    let since = delta.snapshot.as_ref().map_or_else(|| "the beginning".to_owned(), |name| plain(name).into_owned());
    let of = counted(delta.operations, "edit");
    out.line(format!("{}  (of {of} since {since})", out.paint(Style::Bold, &delta.summary())))?;
    delta.changes.iter().try_for_each(|change| {
        let content = change.edit.content().map(|content| format!("  {}", cut(content.as_str(), 80)));
        out.line(format!("{}{}", plain(&change.edit.to_string()), plain(&content.unwrap_or_default())))
    })
}

/// Merges a session with that of another ledger, or looks at several as one.
pub(super) async fn merge(out: &mut Out, target: &Target, asked: cli::Merge) -> Result<()> {
    let from = match &asked.from {
        None => None,
        Some(url) => Some(Target::new(url.clone())?.open(Mode::ReadOnly).await?),
    };
    let records = from.is_some() && !asked.dry_run;
    let ledger = target.open(if records { Mode::Create } else { Mode::ReadOnly }).await?;
    let carried = match &from {
        Some(from) if records => Some(session::carry(&**from, &*ledger, &asked.session).await?),
        _ => None,
    };
    let (mut merge, mut malformed) = session::union(&*ledger, &asked.session).await?;
    if !asked.others.is_empty() {
        must_be_there(&*ledger, &asked.session, target).await?;
    }
    for other in &asked.others {
        must_be_there(&*ledger, other, target).await?;
        let (theirs, more) = session::union(&*ledger, other).await?;
        (merge, malformed) = (merge.and(theirs), malformed + more);
    }
    if let Some(from) = &from {
        let (theirs, more) = session::union(&**from, &asked.session).await?;
        (merge, malformed) = (merge.and(theirs), malformed + more);
    }
    if merge.is_empty() {
        return Err(no_session(&asked.session, target));
    }
    let (operations, report) = (merge.len() as u64, merge.report());
    let places = asked.places.as_ref().map(|domain| merge.placed(domain));
    let clashes = !report.clashes.is_empty() || carried.as_ref().is_some_and(|carried| !carried.clashes.is_empty());
    if out.format == Format::Json {
        #[derive(Serialize)]
        struct Whole {
            operations: u64,
            malformed: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            carried: Option<Carried>,
            #[serde(flatten)]
            report: Report,
            #[serde(skip_serializing_if = "Option::is_none")]
            places: Option<Vec<Placed>>,
        }
        out.json(&Whole { operations, malformed, carried, report, places })?;
    } else {
        tell(out, operations, carried.as_ref(), &report)?;
        for placed in places.iter().flatten() {
            let place = placed.place.map_or_else(|| "nowhere: it is gone".to_owned(), |place| format!("at {place}"));
            let list = placed.within.as_ref().map(|list| format!(" in {}", plain(list))).unwrap_or_default();
            out.line(format!("{}{list} {place}  {}", placed.action, placed.id))?;
        }
        if malformed > 0 {
            note(&format!("{} cannot be read as edits", counted(malformed, "event")));
        }
    }
    if clashes { Err(Failure::Told) } else { Ok(()) }
}

fn tell(out: &mut Out, operations: u64, carried: Option<&Carried>, report: &Report) -> Result<()> {
    if let Some(carried) = carried {
        out.line(format!("{} recorded, {} already there", counted(carried.new, "event"), carried.there))?;
        told_clashes(&carried.clashes);
    }
    let more = if report.more { " and more" } else { "" };
    let conflicts = counted(report.conflicts.len() as u64, "conflict");
    out.line(format!("{}, {conflicts}{more}", counted(operations, "edit")))?;
    for conflict in report.conflicts.iter().take(MOST_CONFLICTS) {
        let about = match &conflict.about {
            About::Target(target) => target.clone(),
            About::Place { at, within: None } => format!("place {at}"),
            About::Place { at, within: Some(list) } => format!("place {at} of {list}"),
        };
        let side = |side: &ledger_core::views::session::Side| {
            format!("{} by {} ({})", side.action, plain(side.actor.as_str()), plain(side.id.as_str()))
        };
        let domain = plain(conflict.domain.as_str());
        out.line(format!("{domain}/{}: {}, {}", plain(&about), side(&conflict.one), side(&conflict.other)))?;
    }
    if report.conflicts.len() > MOST_CONFLICTS {
        note(&format!("shows {MOST_CONFLICTS} conflicts: --json prints all"));
    }
    for id in &report.clashes {
        out.line(format!("{} stands for two different edits", plain(id.as_str())))?;
    }
    if let Some(first) = report.twins.first() {
        let (count, first) = (counted(report.twins.len() as u64, "edit"), plain(first.as_str()));
        note(&format!("{count} have the stamp of another by the same actor, such as {first}: was it at two places?"));
    }
    if let Some(first) = report.unplaced.first() {
        let count = counted(report.unplaced.len() as u64, "edit");
        note(&format!("{count} move something or count places in a patch, such as {first}: those are not placed"));
    }
    Ok(())
}

/// Says which ids stand for something else here.
fn told_clashes(clashes: &BTreeSet<EventId>) {
    for id in clashes.iter().take(MOST_CLASHES) {
        note(&format!("`{}` stands for something else here, which was left as it is", plain(id.as_str())));
    }
    if clashes.len() > MOST_CLASHES {
        note(&format!("and so do {} more", clashes.len() - MOST_CLASHES));
    }
}

/// Imports a session from the files of another program.
pub(super) async fn import(out: &mut Out, target: &Target, directory: &Path) -> Result<()> {
    let unreadable = |error| Failure::io(format!("cannot read {}", shown(directory)), error);
    // What `.` is called, for one; a link keeps its own name.
    let real = if directory.file_name().is_some() {
        directory.to_owned()
    } else {
        directory.canonicalize().map_err(unreadable)?
    };
    std::fs::metadata(real.join("ops.jsonl")).map_err(unreadable)?;
    let (Some(root), Some(name)) = (real.parent(), real.file_name()) else {
        return Err(Failure::Usage(format!("{} names no session: give its directory", shown(directory))));
    };
    let Some(name) = name.to_str() else {
        return Err(Failure::Usage(format!("{} is no session's id: it is not UTF-8", shown(directory))));
    };
    let ledger = target.open(Mode::Create).await?;
    let imported = session::import(&*ledger, &SessionId::new(name)?, root).await?;
    if out.format == Format::Json {
        out.json(&imported)?;
    } else {
        let (new, there) = (counted(imported.edits.new, "edit"), imported.edits.there);
        out.line(format!("{new} recorded, {there} already there"))?;
        if let Some(taken) = &imported.checkpoint {
            let includes = counted(taken.operations, "edit");
            out.line(format!("checkpoint {} includes {includes}", plain(&taken.snapshot)))?;
        }
    }
    if let Some((first, why)) = &imported.first_corrupt {
        let count = counted(imported.corrupt, "line");
        note(&format!("{count} passed over that are no edits, such as line {first}: {}", plain(why)));
    }
    if imported.torn {
        note("the last line was cut, and passed over");
    }
    if let Some(why) = &imported.no_checkpoint {
        note(&format!("the checkpoint was not recorded: {why}"));
    }
    told_clashes(&imported.edits.clashes);
    if imported.edits.clashes.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

/// Exports a session into files that other programs read.
pub(super) async fn export(out: &mut Out, target: &Target, session: &SessionId, root: &Path) -> Result<()> {
    let ledger = target.open(Mode::ReadOnly).await?;
    must_be_there(&*ledger, session, target).await?;
    let interrupt = tokio::signal::ctrl_c();
    let exported = tokio::select! {
        biased;
        _ = interrupt => return Err(Failure::Interrupted(format!("{} was not written", shown(root)))),
        exported = session::export(&*ledger, session, root) => exported?,
    };
    if exported.malformed > 0 {
        note(&format!("{} cannot be read as edits, and are left out", counted(exported.malformed, "event")));
    }
    match out.format {
        Format::Json => out.json(&exported),
        Format::People => {
            let (edits, directory) = (counted(exported.operations, "edit"), shown(&exported.directory));
            out.line(format!("{edits} written to {directory}"))
        }
    }
}
