//! What a command prints: lines of JSON for machines, tables and colour for people, and progress where someone watches.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::time::Duration;

use comfy_table::{Attribute, Cell, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;

use crate::failure::{Failure, Result};

/// Tables have a line under their header and no other: rows are short, and lines between them would double the length.
const TABLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Who reads the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Somebody: tables, colour where it shows.
    People,
    /// A program: one JSON object a line.
    Json,
}

/// Whether a stream shows colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// A terminal, and `NO_COLOR` is unset.
    On,
    /// A pipe, a file, or `NO_COLOR` is set.
    Off,
}

/// How a word looks in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
}

impl Colour {
    /// Decides for a stream.
    pub(crate) fn of(stream: &impl IsTerminal) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if wanted && stream.is_terminal() { Self::On } else { Self::Off }
    }

    /// Wraps a text in the codes of a style, where colour shows.
    pub(crate) fn paint(self, style: Style, text: &str) -> Cow<'_, str> {
        let code = match (self, style) {
            (Self::Off, _) => return Cow::Borrowed(text),
            (_, Style::Bold) => 1,
            (_, Style::Dim) => 2,
            (_, Style::Red) => 31,
            (_, Style::Green) => 32,
            (_, Style::Yellow) => 33,
            (_, Style::Blue) => 34,
            (_, Style::Magenta) => 35,
            (_, Style::Cyan) => 36,
        };
        Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
    }
}

/// Standard output, whose closing by the reader is no error.
pub(crate) struct Out {
    /// Who reads it.
    pub(crate) format: Format,
    /// Whether it shows colour.
    pub(crate) colour: Colour,
    writer: BufWriter<StdoutLock<'static>>,
}

impl Out {
    pub(crate) fn new(format: Format) -> Self {
        let stdout = io::stdout().lock();
        Self { format, colour: Colour::of(&stdout), writer: BufWriter::with_capacity(64 << 10, stdout) }
    }

    /// Prints a line.
    pub(crate) fn line(&mut self, text: impl AsRef<[u8]>) -> Result<()> {
        self.bytes(text.as_ref())?;
        self.bytes(b"\n")
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write_all(bytes).map_err(closed)
    }

    /// Prints a value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let line = serde_json::to_vec(value).expect("what the commands print has a JSON form");
        self.line(line)
    }

    /// Hands over what was printed so far.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.writer.flush().map_err(closed)
    }

    pub(crate) fn paint<'t>(&self, style: Style, text: &'t str) -> Cow<'t, str> {
        self.colour.paint(style, text)
    }

    /// Returns the width of the terminal, when it is one that says; some say 0.
    pub(crate) fn width() -> Option<usize> {
        const NARROWEST: usize = 20;
        Table::new().width().map(usize::from).filter(|&width| width >= NARROWEST)
    }

    /// Prints a table that fits the terminal.
    pub(crate) fn table(&mut self, header: &[&str], rows: Vec<Vec<String>>) -> Result<()> {
        let mut table = Table::new();
        table.load_style(TABLE);
        if Self::width().is_some() {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        match self.colour {
            Colour::On => table.enforce_styling(),
            Colour::Off => table.force_no_tty(),
        };
        table.set_header(header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
        table.add_rows(rows);
        self.line(table.trim_fmt())
    }
}

fn closed(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::io("cannot write the output", error),
    }
}

/// Replaces control characters, so that no recorded text can drive the reader's terminal.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

/// Writes a number with commas between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// Writes a count with its noun.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// Tells people something beside the output; a reader that went away does not matter here.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", crate::failure::redact(text));
}

/// What a progress bar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Events,
    Bytes,
}

/// Starts a bar of known length on standard error, which is hidden unless that is a terminal.
pub(crate) fn bar(label: &'static str, length: u64, unit: Unit) -> ProgressBar {
    let template = match unit {
        Unit::Events => "{msg:10} {bar:30} {human_pos}/{human_len} {rate} {eta}",
        Unit::Bytes => "{msg:10} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
    };
    started(ProgressBar::with_draw_target(Some(length), target()), template, label)
}

/// Starts a counter for work of unknown length on standard error, which is hidden unless that is a terminal.
pub(crate) fn counter(label: &'static str, unit: Unit) -> ProgressBar {
    let template = match unit {
        Unit::Events => "{spinner} {msg} {human_pos} {rate}",
        Unit::Bytes => "{spinner} {msg} {bytes} {bytes_per_sec}",
    };
    started(ProgressBar::with_draw_target(None, target()), template, label)
}

fn started(bar: ProgressBar, template: &str, label: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates are constant and right").with_key(
        "rate",
        |state: &ProgressState, text: &mut dyn fmt::Write| {
            // The bar shows what could be written, and a rate is nothing to fail for.
            let _ = write!(text, "{:.0}/s", state.per_sec());
        },
    );
    bar.set_style(style);
    bar.set_message(label);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn target() -> ProgressDrawTarget {
    if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((counted(1, "event"), counted(0, "event")), ("1 event".to_owned(), "0 events".to_owned()));
    }

    #[test]
    fn recorded_text_cannot_drive_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
    }
}
