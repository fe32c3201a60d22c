//! The options of a URL: each is read or refused by its name.

use ledger_core::{Error, Result, Shown};

use super::{Mode, Pooler};

const SHARED_OPTIONS: &str = "mode, pool, timeout_ms, poll_ms";
/// What libpq knows and the driver understands or may ignore.
pub(super) const LIBPQ_OPTIONS: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
pub(super) const LIBPQ_IGNORED: [&str; 5] =
    ["channel_binding", "connect_timeout", "target_session_attrs", "gssencmode", "statement-cache-capacity"];

pub(super) fn read_mode(value: &str) -> Result<Mode> {
    match value {
        "rwc" => Ok(Mode::Create),
        "rw" => Ok(Mode::Existing),
        "ro" => Ok(Mode::ReadOnly),
        _ => Err(Error::invalid("mode", format!("{}: give `ro`, `rw` or `rwc`", Shown(value)))),
    }
}

pub(super) fn read_pooler(value: &str) -> Result<Pooler> {
    match value {
        "detect" => Ok(Pooler::Detect),
        "none" | "session" => Ok(Pooler::None),
        "transaction" => Ok(Pooler::Transaction),
        _ => Err(Error::invalid("pooler", format!("{}: give `detect`, `none` or `transaction`", Shown(value)))),
    }
}

pub(super) fn read_switch(key: &str, value: &str, pooled: &str, not: &str) -> Result<Pooler> {
    match value {
        value if value == pooled => Ok(Pooler::Transaction),
        value if value == not => Ok(Pooler::Detect),
        _ => Err(Error::invalid("option", format!("{key}={}: give `{pooled}` or `{not}`", Shown(value)))),
    }
}

pub(super) fn read_bool(key: &str, value: &str) -> Result<bool> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Error::invalid("option", format!("{key}={}: give `true` or `false`", Shown(value)))),
    }
}

pub(super) fn read_number(key: &str, value: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32> {
    value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let why = format!("{key}={}: give a number from {} to {}", Shown(value), range.start(), range.end());
        Error::invalid("option", why)
    })
}

pub(super) fn check_schema(value: &str) -> Result<String> {
    let starts = value.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let plain = value.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if starts && plain && value.len() <= 50 && !value.starts_with("pg_") {
        return Ok(value.to_owned());
    }
    let why = format!(
        "{}: give 1 to 50 lower-case letters, digits and `_`, not starting with a digit or `pg_`",
        Shown(value)
    );
    Err(Error::invalid("schema", why))
}

pub(super) fn unknown_option(key: &str, more: &str) -> Error {
    Error::invalid("option", format!("{} is not known here: known are {SHARED_OPTIONS}{more}", Shown(key)))
}
