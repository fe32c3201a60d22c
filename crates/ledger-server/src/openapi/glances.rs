//! What a page shows at a glance: the ledger, what stands around an event, and lineage laid out. Nobody builds these:
//! they describe what this crate and `ledger-core` write.

use utoipa::openapi::{OneOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::answers::{Bucket, Event, Operation, Percentiles};
use super::views::{Direction, Level, Run};
use super::words::{Artifact, Count, EventId, Offset, Timestamp};

/// A ledger at a glance.
#[derive(ToSchema)]
pub(crate) struct LedgerOverview {
    /// The last offset that is in it.
    head: Offset,
    /// Which engine keeps it.
    backend: String,
    /// What two ways to a ledger share exactly when they lead to the same one.
    identity: String,
    /// The present; with `as_of`, when the last event was recorded that is in it.
    now: Timestamp,
    /// The 60 minutes up to then, the oldest first.
    #[schema(min_items = 60, max_items = 60)]
    rate: Vec<Minute>,
    /// Whether all events of that hour were counted one by one. Otherwise the older ones were counted by their offsets,
    /// those that were removed since among them, and parted between minutes by the times of some.
    rate_whole: bool,
    /// How many events were recorded in that hour.
    events_last_hour: Count,
    operations: RecentOperations,
    runs: RecentRuns,
    /// The operations that failed or took too long last, the newest first.
    #[schema(max_items = 8)]
    failures: Vec<Operation>,
    /// How many listen to streams now.
    listeners: Count,
    /// How many bytes the ledger takes where it is kept, if that can be known.
    #[schema(required)]
    store_bytes: Option<Count>,
}

/// A minute.
#[derive(ToSchema)]
pub(crate) struct Minute {
    /// When it begins.
    from: Timestamp,
    /// How many events were recorded in it.
    events: Count,
}

/// The operations of the last day, of all projects.
#[derive(ToSchema)]
pub(crate) struct RecentOperations {
    /// How many ended.
    total: Count,
    /// How many of them with an error.
    failed: Count,
    /// How many took too long.
    timed_out: Count,
    /// The part that ended well, from 0 to 1; nothing when none ended.
    #[schema(required)]
    success_rate: Option<f64>,
    #[serde(flatten)]
    took: Percentiles,
    /// The day in hours.
    #[schema(min_items = 24, max_items = 24)]
    series: Vec<Bucket>,
    /// Whether these are all, and not the newest 20,000.
    whole: bool,
}

/// The runs of the newest 10,000 events.
#[derive(ToSchema)]
pub(crate) struct RecentRuns {
    /// How many of them go on.
    open: Count,
    /// How many have ended.
    finished: Count,
    /// Those with the newest events, these first.
    #[schema(max_items = 8)]
    newest: Vec<RecentRun>,
    /// Whether these are all runs that there are.
    whole: bool,
}

/// A run, as far as one looked.
#[derive(ToSchema)]
pub(crate) struct RecentRun {
    #[serde(flatten)]
    run: Run,
    /// Whether that is all of it. Otherwise it may have begun earlier, and have more events.
    whole: bool,
}

/// What led to an event, and what came of it.
#[derive(ToSchema)]
pub(crate) struct Chain {
    event: Event,
    /// What led to it, the nearest first, and of those that are as near the newest.
    causes: Vec<Linked>,
    /// What came of it, the nearest first, and of those that are as near the oldest.
    effects: Vec<Linked>,
    /// The parents that it or one of its causes names, and that are not there.
    missing: Vec<EventId>,
    /// Up to where was looked for effects.
    up_to: Offset,
    /// Whether there may be more causes or effects than these.
    cut: bool,
}

/// An event that another led to.
#[derive(ToSchema)]
pub(crate) struct Linked {
    /// How many steps away it is: 1 for a parent and for a child.
    #[schema(minimum = 1)]
    distance: u64,
    event: Event,
}

/// The most frequent words of the newest events that match.
#[derive(ToSchema)]
pub(crate) struct Facets {
    /// How many events were counted,
    counted: Count,
    /// from which,
    #[schema(required)]
    from: Option<Offset>,
    /// to which.
    #[schema(required)]
    to: Option<Offset>,
    /// Whether nothing was left out: no event, and no word because there were 100,000 others before it.
    whole: bool,
    /// Their kinds, the most frequent first.
    #[schema(max_items = 50)]
    kinds: Vec<Facet>,
    /// Who did it.
    #[schema(max_items = 50)]
    actors: Vec<Facet>,
    /// The runs that they belong to.
    #[schema(max_items = 50)]
    runs: Vec<Facet>,
    /// The sessions that they belong to.
    #[schema(max_items = 50)]
    sessions: Vec<Facet>,
    /// What they are found by.
    #[schema(max_items = 50)]
    tags: Vec<Facet>,
}

/// How many events have a word.
#[derive(ToSchema)]
pub(crate) struct Facet {
    value: String,
    count: Count,
}

/// The lineage of an artifact, laid out in columns from left to right and rows from top to bottom.
#[derive(ToSchema)]
pub(crate) struct Layout {
    /// Where the walk began.
    artifact: Artifact,
    level: Level,
    direction: Direction,
    /// How many operations far at most.
    depth: Count,
    /// Whether there were more operations than it takes.
    cut: bool,
    /// How many columns there are.
    columns: Count,
    /// How many rows the longest column has.
    rows: Count,
    /// The artifacts, the nearest first.
    nodes: Vec<Placed>,
    /// What leads straight from one to another.
    links: Vec<Link>,
    /// The operations at which the graph ends: they take places like nodes.
    ends: Vec<PlacedEnd>,
}

/// An artifact, or a column of one, and where it stands.
#[derive(ToSchema)]
pub(crate) struct Placed {
    /// Which artifact, or which column, as `artifact.column`.
    artifact: Artifact,
    /// The artifact that the column belongs to.
    #[schema(required = false)]
    table: Artifact,
    class: Class,
    /// Whether it is there: it was not dropped since it was last written or created.
    live: bool,
    /// Whether there is more next to it than is shown.
    open: bool,
    /// How many operations away it is; nothing for what an operation read beside the way.
    #[schema(required = false)]
    distance: Count,
    /// How many artifacts next to it are not shown: 0 unless it is open, and at least 1 if it is.
    hidden: Count,
    /// From the left.
    column: Count,
    /// From the top.
    row: Count,
}

/// The part that an artifact has in a lineage: operations read it and none writes it, they do both, or none reads it.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Class {
    Input,
    Intermediate,
    Target,
}

/// All that leads straight from one artifact to another.
#[derive(ToSchema)]
pub(crate) struct Link {
    /// The index in `nodes` of what was read.
    from: Count,
    /// That of what was made of it.
    to: Count,
    /// The operations that did it, in the order they ended.
    operations: Vec<Via>,
}

/// An operation by its name.
#[derive(ToSchema)]
pub(crate) struct Via {
    /// The event of its end.
    offset: Offset,
    name: String,
}

/// An operation at which a lineage ends, because it made nothing or does not say what of what.
#[derive(ToSchema)]
pub(crate) struct PlacedEnd {
    #[serde(flatten)]
    operation: Via,
    /// How many of this name did the same; told of is the newest.
    times: Count,
    /// The indexes in `nodes` of what it read.
    read: Vec<Count>,
    /// Those of what it made, and does not say of what.
    made: Vec<Count>,
    /// From the left.
    column: Count,
    /// From the top.
    row: Count,
}

/// The lineage of an artifact; with `format=layout`, laid out.
pub(crate) struct GraphOrLayout;

impl PartialSchema for GraphOrLayout {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new().item(Ref::from_schema_name("Graph")).item(Ref::from_schema_name("Layout")).into()
    }
}

impl ToSchema for GraphOrLayout {}
