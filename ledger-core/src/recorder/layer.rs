//! Spans as operations, for code that is instrumented with `tracing` already.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::error::Error;
use crate::payload::Payload;
use crate::text::{Artifact, Job, Task};
use crate::views::{Input, Operation};

use super::{Place, Recorder, Recording};

/// Records each span, from its making to its end, as an operation of its name, and as a part of the span around it.
///
/// | field | is |
/// |---|---|
/// | `reads`, `reads.NAME` | an artifact that it reads, named `reads` or `NAME` |
/// | `writes`, `writes.NAME` | an artifact that it makes |
/// | `sql`, `job`, `task`, `attempt` | what an operation calls so |
/// | `error` | what went wrong: the operation has failed |
/// | any other | a plain value that it was given |
///
/// A field may be recorded later, too, and counts as it was last. An event of level `ERROR` with a field `error`, as
/// `#[instrument(err)]` makes one, fails the span that it is in. What is recorded belongs to the recorder of the current
/// scope, or to the layer's where there is none.
///
/// A field that breaks a rule is left out and told; long plain values are cut. `#[instrument]` takes down all arguments:
/// `skip` those that are nobody's business. A span that ends has gone well unless it says otherwise, also when its future
/// was dropped half way: what writes is better off in [`Recording::run`](super::Recording::run), which knows.
///
/// Each span has two events, so leave out what is not worth them: by [`level`](Self::level), or by a filter of
/// `tracing_subscriber` on this layer.
///
/// ```no_run
/// use ledger_core::{Recorder, RecorderLayer};
/// use tracing_subscriber::layer::SubscriberExt;
/// use tracing_subscriber::util::SubscriberInitExt;
///
/// fn instrument(recorder: Recorder) {
///     tracing_subscriber::registry().with(RecorderLayer::new(recorder)).init();
///     let _load = tracing::info_span!("load", reads.source = "shop/orders", writes = "lake/orders", limit = 100).entered();
/// }
/// ```
#[derive(Debug)]
pub struct RecorderLayer {
    recorder: Recorder,
    level: Level,
}

impl RecorderLayer {
    /// Records spans of level `INFO` and above.
    #[must_use]
    pub fn new(recorder: Recorder) -> Self {
        Self { recorder, level: Level::INFO }
    }

    /// Records spans of a level and above.
    #[must_use]
    pub fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }
}

/// Crates whose spans are never recorded: ledgers use them, and what they do to record would be recorded without end.
const DRIVERS: [&str; 7] = ["clickhouse", "sqlx", "sea_orm", "hyper", "hyper_util", "h2", "rustls"];

/// The operation of a span.
struct Spanned {
    recording: Recording,
    /// The scope that it was made in.
    scope: Option<Arc<Place>>,
    /// What each field said that it makes.
    outputs: BTreeMap<&'static str, Artifact>,
    error: Option<String>,
}

impl Spanned {
    /// Takes in what fields say. What breaks a rule is left out, and told.
    fn take(&mut self, fields: Fields) {
        fields.wrong.into_iter().for_each(|error| self.recording.tell(error));
        self.error = fields.error.or(self.error.take());
        self.outputs.extend(fields.outputs);
        let outputs = &self.outputs;
        self.recording.change(|mut operation| {
            fields.inputs.into_iter().for_each(|(name, input)| operation.inputs.set(name, input));
            operation.outputs.clear();
            operation = outputs.values().try_fold(operation, Operation::output)?;
            operation.job = fields.job.or(operation.job);
            operation.task = fields.task.or(operation.task);
            operation.sql = fields.sql.or(operation.sql);
            operation.attempt = fields.attempt.or(operation.attempt);
            Ok(operation)
        });
    }
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Layer<S> for RecorderLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        let of = metadata.target().split("::").next().unwrap_or_default();
        if *metadata.level() > self.level || DRIVERS.contains(&of) {
            return;
        }
        let Some(span) = context.span(id) else { return };
        // A second layer of this kind would record everything twice.
        if span.extensions().get::<Spanned>().is_some() {
            return;
        }
        let current = Recorder::current();
        let scope = current.is_recording().then(|| Arc::clone(&current.place));
        // The nearer of the two: the span around this one, unless a scope was entered in it.
        let around = span.scope().skip(1).find_map(|around| {
            let extensions = around.extensions();
            let spanned = extensions.get::<Spanned>()?;
            let same = spanned.scope.as_ref().map(Arc::as_ptr) == scope.as_ref().map(Arc::as_ptr);
            Some(if same { spanned.recording.part() } else { current.within(&spanned.recording.part()) })
        });
        let recorder = match (around, &scope) {
            (Some(around), _) => around,
            (None, Some(_)) => current,
            (None, None) => self.recorder.clone(),
        };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let recording = recorder.operation(metadata.name());
        let mut spanned = Spanned { recording, scope, outputs: BTreeMap::new(), error: None };
        spanned.take(fields);
        spanned.recording = spanned.recording.start();
        span.extensions_mut().insert(spanned);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(spanned) = span.extensions_mut().get_mut::<Spanned>() {
            spanned.take(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR || event.metadata().fields().field("error").is_none() {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(span) = context.event_span(event) else { return };
        if let Some(spanned) = span.extensions_mut().get_mut::<Spanned>() {
            spanned.error = fields.error.or(spanned.error.take());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Spanned { recording, error, .. }) = span.extensions_mut().remove::<Spanned>() else { return };
        recording.close(error);
    }
}

/// The fields of a span, by what they say of its operation.
#[derive(Default)]
struct Fields {
    inputs: Vec<(String, Input)>,
    outputs: Vec<(&'static str, Artifact)>,
    sql: Option<String>,
    job: Option<Job>,
    task: Option<Task>,
    attempt: Option<u32>,
    error: Option<String>,
    /// What breaks a rule.
    wrong: Vec<Error>,
}

impl Fields {
    /// Takes a text.
    fn text(&mut self, field: &Field, text: &str) {
        /// The most bytes of a plain value or an error: `#[instrument]` takes down every argument.
        const LONGEST: usize = 4_096;
        let cut = &text[..text.floor_char_boundary(LONGEST)];
        let name = field.name();
        let outcome = match name {
            "sql" => {
                self.sql = Some(text.to_owned());
                Ok(())
            }
            "job" => Job::new(text).map(|job| self.job = Some(job)),
            "task" => Task::new(text).map(|task| self.task = Some(task)),
            "error" => {
                self.error = Some(cut.to_owned());
                Ok(())
            }
            _ if is(name, "reads") => Artifact::new(text).map(|read| {
                self.inputs.push((name.strip_prefix("reads.").unwrap_or(name).to_owned(), read.into()));
            }),
            _ if is(name, "writes") => Artifact::new(text).map(|made| self.outputs.push((name, made))),
            _ => Input::value(cut).map(|value| self.inputs.push((name.to_owned(), value))),
        };
        self.wrong.extend(outcome.err());
    }

    /// Takes a number or another word of JSON: text, where the field says so.
    fn json(&mut self, field: &Field, json: &str) {
        let name = field.name();
        match name {
            "attempt" if json.parse::<u32>().is_ok() => self.attempt = json.parse().ok(),
            "sql" | "job" | "task" | "error" => self.text(field, json),
            _ if is(name, "reads") || is(name, "writes") => self.text(field, json),
            _ => match Payload::from_json(json) {
                Ok(json) => self.inputs.push((name.to_owned(), Input::Value(json))),
                Err(error) => self.wrong.push(error),
            },
        }
    }
}

/// Says whether a field has this name, or begins with it and a dot.
fn is(name: &str, word: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, &value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.json(field, if value { "true" } else { "false" });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.json(field, &value.to_string());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.json(field, &value.to_string());
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.json(field, &value.to_string());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.json(field, &value.to_string());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        match Input::value(&value) {
            Ok(Input::Value(json)) => self.json(field, json.as_str()),
            Ok(_) | Err(_) => self.text(field, &value.to_string()),
        }
    }
}
