//! What went wrong, in one clear line with an exit code: scripts branch on the code, people read the line and the hint.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use ledger_core::{Error, Shown};

/// The result of every command.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The ledger refused or failed.
    Ledger(Error),
    /// The same, with what to do about it here.
    Hinted { error: Box<Failure>, hint: String },
    /// A line of an import is wrong.
    Line { number: u64, error: Box<Failure> },
    /// A file or pipe failed.
    Io { what: String, source: io::Error },
    /// The command line asks for something that makes no sense.
    Usage(String),
    /// The answer is no: nothing found, or two things differ.
    No(String),
    /// The answer is no and was printed already.
    Told,
    /// A command that was run ended so, which it said itself.
    Command(u8),
    /// Ctrl-C, with what was done before it.
    Interrupted(String),
    /// The reader of the output went away, as `| head -1` does.
    Closed,
}

impl Failure {
    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self::Hinted { error: Box::new(self), hint: hint.into() }
    }

    /// Returns the exit code that the help promises.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Interrupted(_) => 130,
            Self::Command(code) => *code,
            Self::Usage(_) => 2,
            Self::Hinted { error, .. } | Self::Line { error, .. } => error.code(),
            Self::Ledger(error) => code_of(error),
            Self::No(_) | Self::Told | Self::Io { .. } => 1,
        }
    }

    /// Returns whether there is anything to say.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Closed | Self::Told | Self::Command(_))
    }

    /// Returns what to do about it, when there is something.
    pub(crate) fn advice(&self) -> Option<String> {
        match self {
            Self::Hinted { hint, .. } => Some(hint.clone()),
            Self::Line { error, .. } => error.advice(),
            Self::Ledger(error) => advice_on(error),
            _ => None,
        }
    }

    /// Returns the causes beneath, outermost first.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut next: Option<&(dyn StdError + 'static)> = match self {
            Self::Hinted { error, .. } | Self::Line { error, .. } => return error.causes(),
            Self::Ledger(error) => error.source(),
            Self::Io { source, .. } => source.source(),
            _ => None,
        };
        let mut causes = Vec::new();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes
    }
}

fn code_of(error: &Error) -> u8 {
    match error {
        Error::Invalid { .. } | Error::UnknownScheme { .. } | Error::NotBuiltIn { .. } => 2,
        Error::IdConflict { .. } | Error::ConditionFailed { .. } | Error::NotEmpty { .. } | Error::SameLedger => 3,
        Error::Unavailable { .. } => 4,
        _ => 1,
    }
}

fn advice_on(error: &Error) -> Option<String> {
    match error {
        Error::IdConflict { id, .. } => Some(format!("`ledger show {id}` prints the event that has the id")),
        Error::ConditionFailed { offset, .. } => {
            Some(format!("look at what came with `ledger tail --from {offset}` and decide again"))
        }
        Error::Unavailable { source: Some(_), .. } => {
            Some("is the server up and the address right? `--verbose` shows the cause".to_owned())
        }
        Error::Backend { source: Some(_), .. } => Some("`--verbose` shows the cause".to_owned()),
        _ => None,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(error) => fmt::Display::fmt(error, f),
            Self::Hinted { error, .. } => fmt::Display::fmt(error, f),
            Self::Line { number, error } => write!(f, "line {number}: {error}"),
            Self::Io { what, source } => write!(f, "{what}: {source}"),
            Self::Usage(why) | Self::No(why) => f.write_str(why),
            Self::Interrupted(done) => write!(f, "interrupted: {done}"),
            Self::Told | Self::Closed | Self::Command(_) => Ok(()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ledger(error)
    }
}

/// Hides the password of every URL in a text: a driver's message or a mistyped argument may quote one.
pub(crate) fn redact(text: &str) -> String {
    hide_options(&hide_user_info(text))
}

/// Hides what follows `password=`, an option that Postgres takes beside the one before the `@`.
fn hide_options(text: &str) -> String {
    const OPTION: &str = "password=";
    let mut pieces = text.split(OPTION);
    let mut safe = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| c.is_whitespace() || "&'\"`".contains(c)).unwrap_or(piece.len());
        safe.push_str(OPTION);
        safe.push_str("***");
        safe.push_str(&piece[end..]);
    }
    safe
}

fn hide_user_info(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        safe.push_str(before);
        // The last `@` of the word ends the password: one that was not percent-encoded may hold an `@` itself.
        let word = after.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`')).unwrap_or(after.len());
        let user_info = after[..word].rfind('@').map(|end| &after[..end]);
        let scheme = before.to_ascii_lowercase();
        let is_web = scheme.ends_with("http://") || scheme.ends_with("https://");
        rest = match user_info.map(|info| (info, info.find(':'))) {
            // A server is shown a token alone, in either place.
            Some((info, _)) if is_web => {
                safe.push_str("***");
                &after[info.len()..]
            }
            Some((info, Some(colon))) => {
                safe.push_str(&info[..colon]);
                safe.push_str(":***");
                &after[info.len()..]
            }
            Some((_, None)) | None => after,
        };
    }
    safe.push_str(rest);
    safe
}

/// Names a path in a message.
pub(crate) fn shown(path: &std::path::Path) -> String {
    Shown(&path.display().to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_wherever_a_url_stands() {
        assert_eq!(redact("no `postgres://me:s3cret@h/db` here"), "no `postgres://me:***@h/db` here");
        assert_eq!(redact("a://b:p@ss:w@h c://d:e@f"), "a://b:***@h c://d:***@f");
        assert_eq!(redact("postgres://h/db?password=s3cret&pool=3"), "postgres://h/db?password=***&pool=3");
        assert_eq!(redact("HTTPS://t0ken@h/x http://:t0ken@h"), "HTTPS://***@h/x http://***@h");
        for plain in ["postgres://me@h:5432/db", "https://example.org/a:b", "a: //b", "no url"] {
            assert_eq!(redact(plain), plain);
        }
    }

    #[test]
    fn every_remedy_has_its_exit_code() {
        let invalid = || Failure::Ledger(Error::invalid("kind", "no"));
        assert_eq!(invalid().code(), 2);
        assert_eq!(Failure::Line { number: 1, error: Box::new(invalid().hint("so")) }.code(), 2);
        assert_eq!(Failure::Ledger(Error::SameLedger).code(), 3);
        let away = Error::Unavailable { backend: "postgres", why: "no".into(), source: None };
        assert_eq!(Failure::Ledger(away).code(), 4);
        assert_eq!(Failure::Closed.code(), 0);
    }
}
