//! What callers ask with: groups of parameters, as `crate::parameters` reads them.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, RefOr, Required, Schema, Type};
use utoipa::{IntoParams, PartialSchema};

use super::words::{
    Actor, Artifact, Domain, EventId, Job, KindPattern, Limit, Offset, Project, RunId, SessionId, Tag, Timestamp, name,
    text, whole,
};

/// An offset as text. The last of 19 digits are left out, for which there will never be events enough.
const OFFSET: &str = "^[0-9]{1,18}$";

/// How a lineage can be written.
const FORMS: [&str; 7] = ["json", "layout", "tree", "prompt", "mermaid", "dot", "svg"];

macro_rules! groups {
    ($(#[doc = $says:literal] $name:ident: $($parameter:expr),+;)+) => {$(
        #[doc = $says]
        pub(crate) struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                vec![$($parameter),+]
            }
        }
    )+};
}

groups! {
    /// The filters of a query.
    Filters:
        optional("run", "Only this run.", RunId::schema()),
        optional("kind", "Only kinds that fit one of these.", several::<KindPattern>(64)),
        optional("actor", "Only this actor.", Actor::schema()),
        optional("session", "Only this session.", SessionId::schema()),
        optional("tag", "Only events that have all of these.", several::<Tag>(64)),
        optional("any_tag", "Only events that have at least one of these.", several::<Tag>(1_000)),
        optional("id", "Only events with one of these ids.", several::<EventId>(1_000)),
        optional("since", "Only what happened (`created_at`) at this time or later.", Timestamp::schema()),
        optional("until", "Only what happened (`created_at`) before this time.", Timestamp::schema());
    /// The range of a query, and its order.
    Range:
        optional("after", "Only events past this offset.", Offset::schema()),
        optional("up_to", "Only events up to this offset, itself included.", Offset::schema()),
        optional("order", "The oldest first, unless it is `desc`.", words(&["asc", "desc"])),
        optional("limit", "The most events of the page; 100 unless it is given. Not with lines.", Limit::schema()),
        optional("cursor", "The `next` of the page before: it goes on from there.", text(OFFSET));
    /// A part of a list.
    Part:
        optional("limit", "How many at most; 100 unless it is given.", whole(1, 1_000)),
        optional("offset", "How many to leave out; 0 unless it is given.", whole(0, u32::MAX.into()));
    /// Which of the events that match are counted.
    Counted:
        optional("after", "Only events past this offset.", Offset::schema()),
        optional("up_to", "Only events up to this offset, itself included.", Offset::schema()),
        optional("most", "How many of the newest at most; 100,000 unless it is given.", whole(1, 200_000));
    /// How much of a chain, and when.
    ChainPart:
        optional("most", "How many causes and how many effects at most; 200 unless it is given.", whole(1, 1_000)),
        optional("as_of", "Only what was recorded up to this offset or time.", as_of());
    /// When a ledger is looked at.
    Moment:
        optional(
            "as_of",
            "As it was at this offset, or with all that was recorded by this time (`recorded_at`); as it is now unless it is given.",
            as_of()
        );
    /// The condition of an append.
    NoneAfter:
        optional(
            "none_after",
            "Appends only if no event past this offset fits the filters. Without it, there may be no filters.",
            Offset::schema()
        );
    /// Where a stream begins.
    Beginning:
        optional(
            "after",
            "Past this offset, or past the `head`; from the first event on unless it is given.",
            text("^(head|[0-9]{1,18})$")
        ),
        header(
            "Last-Event-ID",
            "Goes on past this offset, whatever `after` says: browsers send it when they come again.",
            text(OFFSET)
        );
    /// How often a signal may come.
    Interval:
        optional("interval_ms", "The least time between two signals; 500 unless it is given.", whole(0, 60_000));
    /// Where the head is after a restore.
    RestoredHead:
        optional("head", "Raises the head to at least this; to the last event unless it is given.", Offset::schema());
    /// Up to when.
    AsOf:
        optional("as_of", "Only what was recorded up to this offset or time; all unless it is given.", as_of());
    /// Which runs.
    WhichRuns:
        optional("q", "Only those whose id has this part, in whatever case.", part()),
        optional("state", "Only those that go on, or that have ended.", words(&["open", "finished"])),
        optional("reason", "Only those that have ended for a reason with this part, in whatever case.", part()),
        optional("since", "Only those whose last event happened at this time or later.", Timestamp::schema()),
        optional("until", "Only those whose first event happened before this time.", Timestamp::schema());
    /// Which artifacts.
    WhichArtifacts:
        optional("q", "Only those whose name has this part, in whatever case.", part()),
        optional("live", "Only those that are there.", switch()),
        optional("droppable", "Only those that may be dropped.", switch());
    /// How far a lineage goes, and when.
    Reach:
        optional("direction", "`backward`, unless it is given.", words(&["backward", "forward", "both"])),
        optional("depth", "How many operations away at most; 10 unless it is given.", whole(0, 100_000)),
        optional("most", "How many operations at most; 10,000 unless it is given.", whole(1, 100_000));
    /// What a lineage is of, and when.
    Lineage:
        optional("level", "What the nodes are: `artifacts`, unless it is given.", words(&["artifacts", "columns"])),
        optional(
            "as_of",
            "As it was at this offset, or of the events that are of this time or before (`created_at`); as it is now unless \
             it is given.",
            as_of()
        );
    /// How a lineage is written.
    LineageForm:
        optional("format", "`json`, unless it is given.", words(&FORMS)),
        optional("budget", "How many tokens a prompt has at most.", whole(1, 10_000_000)),
        optional("cite", "Whether a prompt names the offset of each operation.", switch()),
        optional("label", "Other names for artifacts, each `ARTIFACT=NAME`.", ArrayBuilder::new().items(text("=")));
    /// From where to where.
    Ends:
        needed("from", "What a way begins at.", Artifact::schema()),
        needed("to", "What it ends at.", Artifact::schema());
    /// How many edits.
    Edits:
        optional("most", "How many of the newest edits at most; 200 unless it is given.", whole(0, 10_000));
    /// How edits are drawn.
    EditsForm:
        optional("most", "How many of the newest edits at most; 200 unless it is given.", whole(0, 1_000)),
        optional("format", "`svg`, unless it is given.", words(&["svg", "mermaid", "text"]));
    /// Which delta.
    WhichDelta:
        needed("domain", "What the edits are about.", Domain::schema()),
        optional("all", "Whether to list what came to nothing, too.", switch());
    /// A part of the operation log.
    OperationsPart:
        optional("limit", "How many at most; 50 unless it is given.", whole(1, 1_000)),
        optional("offset", "How many to leave out; 0 unless it is given.", whole(0, 1_000_000)),
        optional("cursor", "The `next` of the part before.", text("^op[0-9a-f]{1,15}$"));
    /// Which operations. The longest names are those that fit into a tag with their key.
    WhichOperations:
        optional("from", "Only what ended at this time or later. It has to be before `to`.", Timestamp::schema()),
        optional("to", "Only what ended before this time.", Timestamp::schema()),
        optional(
            "period",
            "Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`.",
            text("^[1-9][0-9]{0,8}[smhdw]$")
        ),
        optional("branch", "Only this branch; `default` are those that name none.", name(1_017)),
        optional("table", "Only this table, as `bucket/table`.", name(1_018)),
        optional("command", "Only this command.", name(1_016)),
        optional("status", "Only those that ended so.", words(&["success", "error", "timeout"])),
        optional("job", "Only this job.", Job::schema()),
        optional("request", "Only this request.", name(1_016)),
        optional("connection_job", "Only this job of a connection.", name(1_009)),
        optional("connection_run", "Only this run of a connection.", name(1_009)),
        optional("min_duration_ms", "Only what took at least so long.", whole(0, u32::MAX.into()));
    /// Of which project.
    OfProject:
        optional("project", "Only this project; all unless it is given.", Project::schema());
    /// Whether more is told of commands.
    Heat:
        optional("heat", "Whether to tell how each command went in each part of the period.", switch());
    /// How far ahead one looks.
    Ahead:
        optional("days", "How many days to look ahead; 30 unless it is given.", whole(1, 3_650));
    /// In how many parts a period is shown.
    Buckets:
        optional("buckets", "In how many parts the period is shown; 24 unless it is given.", whole(0, 1_000));
    /// What is old.
    Policy:
        optional("success", "How long operations that ended well stay; `7d` unless it is given.", age()),
        optional("failed", "How long all others that ended stay; `30d` unless it is given.", age()),
        optional("unfinished", "How long those stay that began and never ended; `90d` unless it is given.", age()),
        optional("most", "How many that have ended stay at most.", whole(0, u64::MAX)),
        optional("most_bytes", "About how many bytes the ends of these have at most.", whole(0, u64::MAX));
}

fn optional(name: &str, says: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(name, ParameterIn::Query, Required::False, says, schema.into())
}

fn needed(name: &str, says: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(name, ParameterIn::Query, Required::True, says, schema.into())
}

fn header(name: &str, says: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(name, ParameterIn::Header, Required::False, says, schema.into())
}

fn parameter(name: &str, place: ParameterIn, required: Required, says: &str, schema: RefOr<Schema>) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required);
    parameter.description(Some(says)).schema(Some(schema)).build()
}

/// Describes a parameter that is given once for each value.
fn several<T: PartialSchema>(most: usize) -> ArrayBuilder {
    ArrayBuilder::new().items(T::schema()).max_items(Some(most))
}

/// Describes one of some words.
fn words(words: &'static [&'static str]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied()))
}

/// Describes a switch, which may stand there without a value.
fn switch() -> ObjectBuilder {
    words(&["true", "false", ""])
}

/// Describes a part of a name.
fn part() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(1_000))
}

/// Describes an age, or none.
fn age() -> ObjectBuilder {
    text("^(never|[1-9][0-9]{0,8}[smhdw])$")
}

/// Describes an offset or a time.
fn as_of() -> AnyOfBuilder {
    AnyOfBuilder::new().item(text(OFFSET)).item(Timestamp::schema())
}
