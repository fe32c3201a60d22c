//! Spans as operations, for code that is instrumented with `tracing` already.

use std::fmt::Debug;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::error::Result;
use crate::payload::Payload;
use crate::text::{Artifact, Job, Task};
use crate::views::{Input, Operation};

use super::{Recorder, Recording};

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

/// The operation of a span.
struct Spanned {
    recording: Recording,
    error: Option<String>,
}

impl<S: Subscriber + for<'lookup> LookupSpan<'lookup>> Layer<S> for RecorderLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if *attributes.metadata().level() > self.level {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let around = span
            .scope()
            .skip(1)
            .find_map(|around| around.extensions().get::<Spanned>().map(|spanned| spanned.recording.part()));
        let recorder = around.unwrap_or_else(|| {
            let current = Recorder::current();
            if current.is_recording() { current } else { self.recorder.clone() }
        });
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let recording =
            recorder.operation(attributes.metadata().name()).with(|operation| fields.set(operation)).start();
        span.extensions_mut().insert(Spanned { recording, error: fields.error });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let Some(mut spanned) = span.extensions_mut().remove::<Spanned>() else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        spanned.recording = spanned.recording.with(|operation| fields.set(operation));
        spanned.error = fields.error.or(spanned.error);
        span.extensions_mut().insert(spanned);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR || event.metadata().fields().field("error").is_none() {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(span) = context.event_span(event) else { return };
        if let Some(spanned) = span.extensions_mut().get_mut::<Spanned>() {
            spanned.error = fields.error;
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Spanned { recording, error }) = span.extensions_mut().remove::<Spanned>() else { return };
        recording.close(error);
    }
}

/// The fields of a span, by what they say of its operation.
#[derive(Default)]
struct Fields {
    inputs: Vec<(String, Result<Input>)>,
    outputs: Vec<Result<Artifact>>,
    sql: Option<String>,
    job: Option<Result<Job>>,
    task: Option<Result<Task>>,
    attempt: Option<u32>,
    error: Option<String>,
}

impl Fields {
    /// Gives the operation what the fields say. Fails when one breaks a rule.
    fn set(&mut self, mut operation: Operation) -> Result<Operation> {
        for (name, input) in self.inputs.drain(..) {
            operation.inputs.set(name, input?);
        }
        operation = self.outputs.drain(..).try_fold(operation, |operation, made| operation.output(made?))?;
        operation.job = self.job.take().transpose()?.or(operation.job);
        operation.task = self.task.take().transpose()?.or(operation.task);
        operation.sql = self.sql.take().or(operation.sql);
        operation.attempt = self.attempt.or(operation.attempt);
        Ok(operation)
    }

    /// Takes a text.
    fn text(&mut self, field: &Field, text: &str) {
        match field.name() {
            "sql" => self.sql = Some(text.to_owned()),
            "job" => self.job = Some(Job::new(text)),
            "task" => self.task = Some(Task::new(text)),
            "error" => self.error = Some(text.to_owned()),
            name if is(name, "reads") => {
                let read = Artifact::new(text).map(Input::from);
                self.inputs.push((name.strip_prefix("reads.").unwrap_or(name).to_owned(), read));
            }
            name if is(name, "writes") => self.outputs.push(Artifact::new(text)),
            name => self.inputs.push((name.to_owned(), Input::value(text))),
        }
    }

    /// Takes a number or another word of JSON: text, where the field says so.
    fn json(&mut self, field: &Field, json: &str) {
        match field.name() {
            "attempt" if json.parse::<u32>().is_ok() => self.attempt = json.parse().ok(),
            "sql" | "job" | "task" | "error" => self.text(field, json),
            name if is(name, "reads") || is(name, "writes") => self.text(field, json),
            name => self.inputs.push((name.to_owned(), Payload::from_json(json).map(Input::Value))),
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
