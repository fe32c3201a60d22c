//! The words of the document: each is described once, with its rule, and named wherever it stands.

use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

const KIND: &str = r"^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+$";
const KIND_PATTERN: &str = r"^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*\.([a-z0-9][a-z0-9_-]*|\*)$";
const TAG: &str = r"^[a-z0-9_.-]+:[^\u0000]+$";

macro_rules! words {
    ($(#[doc = $says:literal] $name:ident: $rule:expr;)+) => {$(
        #[doc = $says]
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $rule.description(Some($says.trim())).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

words! {
    /// An event's id, which its caller gives: 1 to 64 bytes without control characters. It is the idempotency key.
    EventId: plain(64);
    /// The run that an event belongs to: 1 to 200 bytes without control characters.
    RunId: plain(200);
    /// Who did it: 1 to 200 bytes without control characters.
    Actor: plain(200);
    /// The causal session that an event belongs to: 1 to 200 bytes without control characters.
    SessionId: plain(200);
    /// What the edits of a session are about, such as a document: 1 to 200 bytes without control characters.
    Domain: plain(200);
    /// The profile that a model ran under: 1 to 200 bytes without control characters.
    ModelProfile: plain(200);
    /// The model that acted: 1 to 200 bytes without control characters.
    ModelId: plain(200);
    /// What happened: dotted lower-case words, at least two, such as `run.started`; 128 bytes at most.
    Kind: text(KIND).max_length(Some(128));
    /// A kind, or all kinds that start with the same words, such as `run.*`.
    KindPattern: text(KIND_PATTERN).max_length(Some(128));
    /// A `key:value` word that events are found by, such as `job:99` or `table:a/b`; 1,024 bytes at most.
    Tag: text(TAG).max_length(Some(1_024));
    /// Something that operations read and write, such as a table, a file or a model: 1 to 1,000 bytes without NUL.
    Artifact: name(1_000);
    /// A job that operations belong to: 1 to 1,000 bytes without NUL.
    Job: name(1_000);
    /// A part of a job: 1 to 1,000 bytes without NUL.
    Task: name(1_000);
    /// A project: 1 to 1,016 bytes without NUL.
    Project: name(1_016);
    /// A place in the ledger: 1 for the first event, and 0 before it.
    Offset: whole(0, i64::MAX.cast_unsigned());
    /// The stamp of a logical clock.
    Stamp: whole(0, i64::MAX.cast_unsigned());
    /// A number of 32 bits.
    Small: whole(0, u32::MAX.into());
    /// The most events of one page.
    Limit: whole(1, 10_000);
    /// How many.
    Count: ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    /// An instant by RFC 3339. It is answered in UTC with six decimals, and may be given with any offset.
    Timestamp: instant();
    /// Where the next page begins: give it as `cursor`.
    EventsCursor: text("^[0-9]+$");
    /// Where the next part begins: give it as `cursor`.
    OperationsCursor: text("^op[0-9a-f]+$");
    /// SHA-256 over all events as lines, in hexadecimal digits.
    ContentDigest: text("^sha256:[0-9a-f]{64}$");
}

/// Describes a word of so many bytes at most without control characters.
fn plain(longest: usize) -> ObjectBuilder {
    text(r"^[^\u0000-\u001f\u007f-\u009f]+$").min_length(Some(1)).max_length(Some(longest))
}

/// Describes a word of so many bytes at most without NUL.
///
/// The document counts characters, so that it lets in some words that are too long; those are refused with 422.
pub(crate) fn name(longest: usize) -> ObjectBuilder {
    text(r"^[^\u0000]+$").min_length(Some(1)).max_length(Some(longest))
}

fn instant() -> ObjectBuilder {
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format))
}

/// Describes text by a pattern.
pub(crate) fn text(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// Describes a whole number within bounds.
pub(crate) fn whole(least: u64, most: u64) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(Some(most))
}
