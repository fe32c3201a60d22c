//! How an event looks to people: one compact line, or a page with its payload laid out.

use std::time::Duration;

use ledger_core::{Event, Tag, Timestamp};

use crate::failure::Result;
use crate::output::{Out, Style, plain};

/// Prints an event on one line, cut to the terminal's width when there is one.
pub(crate) fn event_line(out: &mut Out, event: &Event, width: Option<usize>) -> Result<()> {
    let offset = format!("{:>6}", event.offset);
    let time = short_time(event.created_at);
    let place = format!("{}/{}", plain(event.run_id.as_str()), event.turn);
    let actor = plain(event.actor.as_str()).into_owned();
    let kind = event.kind.as_str();
    let tags: String = event.tags().iter().map(|tag| format!(" {}", plain(tag.as_str()))).collect();
    let payload = plain(event.payload.as_str());
    let taken = [&*offset, &time, &place, &actor, &tags].iter().map(|text| text.chars().count() + 2).sum::<usize>();
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(taken + kind.len().max(18)).max(16));
    let line = format!(
        "{offset}  {}  {}  {}  {}  {}{}",
        out.paint(Style::Dim, &time),
        out.paint(style_of(kind), &format!("{kind:<18}")),
        out.paint(Style::Bold, &place),
        out.paint(Style::Dim, &actor),
        cut(&payload, room),
        out.paint(Style::Cyan, &tags),
    );
    out.line(line)
}

/// Prints all that is known of an event, the payload laid out.
pub(crate) fn event_page(out: &mut Out, event: &Event) -> Result<()> {
    let words = |words: Vec<&str>| (!words.is_empty()).then(|| words.join("  "));
    let rows = [
        ("offset", Some(event.offset.to_string())),
        ("id", Some(event.id.to_string())),
        ("kind", Some(event.kind.to_string())),
        ("run", Some(format!("{}, turn {}", event.run_id, event.turn))),
        ("actor", Some(event.actor.to_string())),
        ("happened", Some(event.created_at.to_string())),
        ("recorded", Some(event.recorded_at.to_string())),
        ("session", event.session_id.as_ref().map(ToString::to_string)),
        ("lamport", event.lamport.map(|clock| clock.to_string())),
        ("profile", event.model_profile.as_ref().map(ToString::to_string)),
        ("model", event.model_id.as_ref().map(ToString::to_string)),
        ("parents", words(event.parents.iter().map(ledger_core::EventId::as_str).collect())),
        ("tags", words(event.tags().iter().map(Tag::as_str).collect())),
        ("schema", Some(event.schema_version.to_string())),
    ];
    for (name, value) in rows {
        let Some(value) = value else { continue };
        let name = format!("{name:<9}");
        let line = format!("{} {}", out.paint(Style::Dim, &name), plain(&value));
        out.line(line)?;
    }
    out.line(out.paint(Style::Dim, "payload").into_owned())?;
    indented(event.payload.as_str()).lines().try_for_each(|line| out.line(format!("  {}", plain(line))))
}

/// Writes an instant to the millisecond, as people read it.
pub(crate) fn short_time(time: Timestamp) -> String {
    let text = time.to_string();
    let millis = text.strip_suffix("000Z").or_else(|| text.get(..text.len().saturating_sub(4))).unwrap_or(&text);
    millis.replacen('T', " ", 1)
}

/// Writes how long something took, as people say it: `1.2 s`.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match duration {
        _ if duration.is_zero() => "0 s".to_owned(),
        _ if seconds < 0.999_5e-3 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 0.0995 => format!("{:.1} ms", seconds * 1e3),
        _ if seconds < 0.9995 => format!("{:.0} ms", seconds * 1e3),
        _ if seconds < 59.95 => format!("{seconds:.1} s"),
        _ if seconds < 3_599.5 => {
            format!("{:.0} min {:02.0} s", (seconds.round() / 60.0).floor(), seconds.round() % 60.0)
        }
        _ => format!("{:.1} h", seconds / 3_600.0),
    }
}

/// Writes a number of bytes, as people say it: `1.2 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut number = bytes as f64;
    let mut unit = "B";
    for larger in units {
        if number < 999.5 {
            break;
        }
        (number, unit) = (number / 1_000.0, larger);
    }
    if unit == "B" || number >= 99.5 { format!("{number:.0} {unit}") } else { format!("{number:.1} {unit}") }
}

/// Draws numbers as a line of bars, the largest of them highest.
pub(crate) fn sparkline(numbers: impl Iterator<Item = f64>) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let numbers: Vec<f64> = numbers.collect();
    let largest = numbers.iter().copied().fold(0.0, f64::max);
    let bar = |number: f64| match number {
        // What is there at all shows.
        _ if number <= 0.0 => ' ',
        _ => BARS[((number / largest * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    numbers.into_iter().map(bar).collect()
}

/// Cuts a text to a number of characters.
pub(crate) fn cut(text: &str, room: usize) -> String {
    match text.char_indices().nth(room) {
        None => text.to_owned(),
        Some(_) => text.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Picks a colour by the words of a kind, so that a failure stands out and the same words look the same.
fn style_of(kind: &str) -> Style {
    let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if says(&["fail", "error", "reject", "abort"]) {
        return Style::Red;
    }
    if says(&["finish", "complete", "done", "succeed"]) {
        return Style::Green;
    }
    if says(&["start", "begin", "open"]) {
        return Style::Blue;
    }
    let first = kind.bytes().take_while(|&byte| byte != b'.').map(usize::from).sum::<usize>();
    [Style::Yellow, Style::Magenta, Style::Cyan][first % 3]
}

/// Lays JSON out over lines. It works on the text, because a parsed value would lose the order of keys and digits of numbers.
fn indented(json: &str) -> String {
    let (mut laid_out, mut depth) = (String::with_capacity(json.len() * 2), 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if in_string {
            laid_out.push(c);
            (in_string, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            ' ' | '\t' | '\n' | '\r' => {}
            '{' | '[' => {
                laid_out.push(c);
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    laid_out.push(close);
                    continue;
                }
                depth += 1;
                break_line(&mut laid_out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut laid_out, depth);
                laid_out.push(c);
            }
            ',' => {
                laid_out.push(c);
                break_line(&mut laid_out, depth);
            }
            ':' => laid_out.push_str(": "),
            _ => {
                in_string = c == '"';
                laid_out.push(c);
            }
        }
    }
    laid_out
}

fn break_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_with_its_order_numbers_and_strings_kept() {
        let json = r#"{"b":[1.50, {}],"a" : "x, {\"y\\\": [","n":9007199254740993,"e":[ ]}"#;
        let expected = "{\n  \"b\": [\n    1.50,\n    {}\n  ],\n  \"a\": \"x, {\\\"y\\\\\\\": [\",\n  \
                        \"n\": 9007199254740993,\n  \"e\": []\n}";
        assert_eq!(indented(json), expected);
        assert_eq!(indented("17"), "17");
    }

    #[test]
    fn a_long_text_is_cut_and_a_time_is_short() {
        assert_eq!((cut("äöü", 3), cut("äöüx", 3)), ("äöü".to_owned(), "äö…".to_owned()));
        assert_eq!(short_time("2026-01-31T12:00:00.123456Z".parse().unwrap()), "2026-01-31 12:00:00.123");
        assert_eq!(short_time("2026-01-31T12:00:00Z".parse().unwrap()), "2026-01-31 12:00:00.000");
    }
}
