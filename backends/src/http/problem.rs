//! What a refusal means for the caller: the server's problems become the errors they were before, and what is no answer of
//! a ledger is told from one.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{HeaderName, LOCATION, RETRY_AFTER};
use hyper::http::response::Parts;
use ledger_core::{Error, EventId, Offset, Shown};
use serde::Deserialize;

use super::wire::Ask;

/// The values that a server may name, because an error names them in words that live as long as the program.
const FIELDS: [&str; 31] = [
    "actor",
    "any_tags",
    "artifact",
    "batch",
    "domain",
    "event",
    "events",
    "head",
    "id",
    "ids",
    "job",
    "kind",
    "kinds",
    "lamport",
    "limit",
    "model id",
    "model profile",
    "offset",
    "offsets",
    "order",
    "parents",
    "payload",
    "payload_text",
    "query",
    "run id",
    "session id",
    "tag",
    "tags",
    "task",
    "time",
    "url",
];

/// Who refused what.
pub(super) struct Asked<'a> {
    /// The server, without the token.
    pub place: &'a str,
    pub ask: &'a Ask,
    pub token: Token,
}

/// Whether a token was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Shown,
    None,
}

/// A problem by RFC 9457, as the server writes it.
#[derive(Deserialize)]
struct Problem {
    code: String,
    #[serde(default)]
    detail: String,
    field: Option<String>,
    offset: Option<Offset>,
    id: Option<EventId>,
    at: Option<String>,
}

/// Returns the error that an answer means which is not the one that was asked for.
pub(super) fn error(asked: &Asked<'_>, head: &Parts, body: &[u8]) -> Error {
    let is_problem = header(head, hyper::header::CONTENT_TYPE).starts_with("application/problem+json");
    match is_problem.then(|| serde_json::from_slice::<Problem>(body)) {
        Some(Ok(problem)) => of_problem(asked, head.status, problem),
        Some(Err(_)) | None => of_status(asked, head),
    }
}

/// Returns how long the server wants to be left alone.
pub(super) fn retry_after(head: &Parts) -> Option<Duration> {
    header(head, RETRY_AFTER).trim().parse().ok().map(Duration::from_secs)
}

/// Returns a header as text; an empty one when it is not there.
pub(super) fn header(head: &Parts, name: HeaderName) -> &str {
    head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn of_problem(asked: &Asked<'_>, status: StatusCode, problem: Problem) -> Error {
    let Problem { code, detail, field, offset, id, at } = problem;
    let place = asked.place;
    let detail = plain(&detail);
    match (code.as_str(), id, offset) {
        ("id_conflict", Some(id), Some(offset)) => Error::IdConflict { id, offset },
        ("condition_failed", _, Some(offset)) => Error::ConditionFailed { offset, after: asked.ask.after },
        ("invalid", ..) => invalid(field.as_deref().unwrap_or_default(), &detail),
        ("too_large", ..) => Error::invalid("batch", detail),
        ("read_only", ..) => Error::ReadOnly { action: asked.ask.action },
        ("not_empty", ..) => Error::NotEmpty { at: at.map_or_else(|| place.to_owned(), |at| plain(&at)), why: detail },
        ("same_ledger", ..) => Error::SameLedger,
        ("corrupt", ..) => {
            let why = detail.strip_prefix("verification failed: ").unwrap_or(&detail).to_owned();
            Error::Corrupt { why }
        }
        ("unavailable" | "timeout" | "too_slow", ..) => unavailable(format!("`{place}` says: {detail}")),
        ("unauthorized", ..) => unknown(asked),
        ("forbidden" | "wrong_host" | "wrong_origin" | "denied", ..) => {
            Error::Denied { at: place.to_owned(), why: detail }
        }
        ("not_found" | "method_not_allowed", ..) => {
            let why = format!("{detail}: correct the prefix, or update the server");
            Error::NotALedger { at: place.to_owned(), why }
        }
        _ if is_passing(status) => unavailable(format!("`{place}` says: {detail}")),
        _ => failed(format!("`{place}` cannot {}: {detail}", asked.ask.action)),
    }
}

/// Returns the error of an answer that no ledger gave, but something before it or in its place.
fn of_status(asked: &Asked<'_>, head: &Parts) -> Error {
    let (place, status) = (asked.place, head.status.as_u16());
    let not = |why: String| Error::NotALedger { at: place.to_owned(), why };
    match head.status {
        StatusCode::UNAUTHORIZED => unknown(asked),
        StatusCode::FORBIDDEN => {
            Error::Denied { at: place.to_owned(), why: "what stands before the server refuses it".to_owned() }
        }
        StatusCode::PAYLOAD_TOO_LARGE => Error::invalid("batch", "what stands before the server takes less: split it"),
        status_code if is_passing(status_code) || status_code.is_server_error() => {
            unavailable(format!("`{place}` answered {status}"))
        }
        status_code if status_code.is_redirection() => {
            not(format!("it answered {status} and points to {}: give that URL", Shown(header(head, LOCATION))))
        }
        _ => not(format!("it answered {status} and is no ledger server")),
    }
}

/// Says whether the same may succeed later.
fn is_passing(status: StatusCode) -> bool {
    const PASSING: [StatusCode; 5] = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    PASSING.contains(&status)
}

fn invalid(field: &str, detail: &str) -> Error {
    let what = FIELDS.into_iter().find(|known| *known == field).unwrap_or("request");
    // The detail is the whole line that the error was there, perhaps after the place of an event. A field that has no name here
    // keeps the one it has there.
    let said = if what == field { format!("invalid {field}: ") } else { "invalid ".to_owned() };
    Error::invalid(what, detail.replacen(&said, "", 1))
}

fn unknown(asked: &Asked<'_>) -> Error {
    let why = match asked.token {
        Token::Shown => "the server does not know the token",
        Token::None => {
            "the server wants a token: set LEDGER_API_TOKEN, or give https://:TOKEN@HOST or `token_file=PATH` in the URL"
        }
    };
    Error::Denied { at: asked.place.to_owned(), why: why.to_owned() }
}

fn unavailable(why: String) -> Error {
    Error::Unavailable { backend: "http", why, source: None }
}

fn failed(why: String) -> Error {
    Error::Backend { backend: "http", why, source: None }
}

/// Takes a text from outside into a message: on one line, and not longer than anybody reads.
fn plain(text: &str) -> String {
    const LONGEST: usize = 2_000;
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use hyper::Response;
    use ledger_core::{Condition, Draft, Query};

    use super::*;

    fn told(status: u16, kind: &str, body: &str) -> Error {
        let condition = Condition::none_after(Query::all(), "4".parse().unwrap());
        let ask = Ask::append(&[Draft::new("a.b", &1).unwrap()], &condition).unwrap();
        let answer = Response::builder().status(status).header("content-type", kind);
        let (head, ()) = answer.header("location", "https://elsewhere.example/").body(()).unwrap().into_parts();
        error(&Asked { place: "https://h", ask: &ask, token: Token::None }, &head, body.as_bytes())
    }

    fn problem(status: u16, fields: &str) -> String {
        told(status, "application/problem+json", &format!("{{\"status\":{status},{fields}}}")).to_string()
    }

    #[test]
    fn a_problem_is_the_error_that_it_was_on_the_server() {
        for (error, fields) in [
            (Error::IdConflict { id: "x".parse().unwrap(), offset: "3".parse().unwrap() }, r#""id":"x","offset":3"#),
            (Error::ConditionFailed { offset: "9".parse().unwrap(), after: "4".parse().unwrap() }, r#""offset":9"#),
            (Error::invalid("batch", "`10001` events"), r#""field":"batch""#),
            (Error::invalid("request", "`x` is odd"), r#""field":"request""#),
            (Error::Corrupt { why: "the event at offset 2".to_owned() }, r#""offset":null"#),
            (Error::ReadOnly { action: "append" }, r#""field":null"#),
            (Error::SameLedger, r#""id":null"#),
            (Error::NotEmpty { at: "there".to_owned(), why: "other events".to_owned() }, r#""at":"there""#),
        ] {
            let (code, detail) = match &error {
                Error::IdConflict { .. } => ("id_conflict", error.to_string()),
                Error::ConditionFailed { .. } => ("condition_failed", error.to_string()),
                Error::Invalid { .. } => ("invalid", error.to_string()),
                Error::Corrupt { .. } => ("corrupt", error.to_string()),
                Error::ReadOnly { .. } => ("read_only", error.to_string()),
                Error::SameLedger => ("same_ledger", error.to_string()),
                _ => ("not_empty", "other events".to_owned()),
            };
            let read = problem(409, &format!(r#""code":"{code}","detail":"{detail}",{fields}"#));
            assert_eq!(read, error.to_string());
        }
        let odd = told(422, "application/problem+json", r#"{"code":"invalid","detail":"a\nb","field":"colour"}"#);
        assert!(matches!(&odd, Error::Invalid { what: "request", why } if why == "a b"), "{odd:?}");
        let unnamed = problem(422, r#""code":"invalid","detail":"invalid colour: `x`","field":"colour""#);
        assert_eq!(unnamed, "invalid request: colour: `x`");
        let inner = problem(422, r#""code":"invalid","detail":"line 3: invalid tags: 65 are","field":"tags""#);
        assert_eq!(inner, "invalid tags: line 3: 65 are");
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for (status, code, passes) in [
            (503, "unavailable", true),
            (503, "timeout", true),
            (408, "too_slow", true),
            (429, "too_many", true),
            (500, "backend", false),
            (401, "unauthorized", false),
            (403, "forbidden", false),
            (404, "not_found", false),
        ] {
            let body = format!(r#"{{"code":"{code}","detail":"d"}}"#);
            let error = told(status, "application/problem+json; charset=utf-8", &body);
            assert_eq!(error.is_unavailable(), passes, "{status} {code}: {error}");
        }
        assert!(problem(401, r#""code":"unauthorized""#).contains("LEDGER_API_TOKEN"));
        assert!(problem(403, r#""code":"forbidden","detail":"it may only read""#).contains("it may only read"));
    }

    #[test]
    fn an_answer_of_something_else_is_told_from_one_of_a_ledger() {
        for (status, says) in [(404, "404 and is no ledger"), (308, "elsewhere.example"), (502, "answered 502")] {
            let error = told(status, "text/html", "<html>");
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(error.is_unavailable(), status == 502, "{error}");
        }
    }
}
