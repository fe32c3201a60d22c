//! The URL of a server that keeps a ledger: where it is, and the token that opens it, which is never printed.

use std::fmt;
use std::path::PathBuf;

use ledger_core::{Error, Result};

use super::{LedgerUrl, Place, decode_secret, unknown_option};

/// A ledger behind a server of this project.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpPlace {
    /// Scheme, host, port and prefix, without credentials and without a slash at the end.
    pub(crate) base: String,
    pub(crate) token: Token,
}

/// Where the token is that opens the server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// In the URL.
    Written(String),
    /// In a file.
    File(PathBuf),
    /// In the environment, if anywhere.
    Environment,
}

/// Reads a URL of the web. Fails with what is wrong, and shows nothing that may be a part of the token.
pub(super) fn parse(text: &str) -> Result<LedgerUrl> {
    let bad = |why: &str| Error::invalid("url", format!("{why}: give https://:TOKEN@HOST:PORT/PREFIX"));
    if !text.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//")) {
        return Err(bad("the URL of a server without `//`"));
    }
    let url = url::Url::parse(text).map_err(|error| bad(&format!("the URL of the server does not parse ({error})")))?;
    let host = url.host_str().ok_or_else(|| bad("the URL names no host"))?;
    // A token that was not encoded ends where one of these stands in it, and the rest would be shown.
    let has_sign = |part: &str| part.contains('@');
    if url.fragment().is_some() || has_sign(url.path()) || url.query().is_some_and(has_sign) {
        return Err(bad("a `#`, or an `@` after the host: percent-encode the token"));
    }
    let mut this = LedgerUrl::local(Place::Memory, "")?;
    let mut file = None;
    for (key, value) in url.query_pairs() {
        match &*key {
            "token_file" if value.is_empty() => return Err(bad("`token_file=` without a path")),
            "token_file" => file = Some(PathBuf::from(&*value)),
            key if this.take_shared(key, &value)? => {}
            key => return Err(unknown_option(key, ", token_file")),
        }
    }
    let written = [url.password().unwrap_or_default(), url.username()].into_iter().find(|part| !part.is_empty());
    let token = match (written, file) {
        (Some(_), Some(_)) => return Err(bad("a token in the URL and a `token_file` beside it: keep one of them")),
        (Some(written), None) => Token::Written(decode_secret(written)?),
        (None, Some(file)) => Token::File(file),
        (None, None) => Token::Environment,
    };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let base = format!("{}://{host}{port}{}", url.scheme(), url.path().trim_end_matches('/'));
    this.place = Place::Http(HttpPlace { base, token });
    Ok(this)
}

impl HttpPlace {
    /// Says whether the URL says which token opens the server. Otherwise that is `LEDGER_API_TOKEN`, if it is set.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.token != Token::Environment
    }
}

impl fmt::Display for HttpPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl fmt::Debug for HttpPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Says where the token is, and never which it is.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(_) => f.write_str("Written"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Environment => f.write_str("Environment"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::url::Mode;

    fn parsed(text: &str) -> (HttpPlace, LedgerUrl) {
        let parsed = LedgerUrl::parse(text).unwrap();
        let Place::Http(place) = parsed.place.clone() else { panic!("{text}") };
        let shown = format!("{parsed} {parsed:?} {:?} {place} {place:?} {:?}", parsed.place, place.token);
        assert!(!shown.contains("s3cret"), "the token is shown: {shown}");
        (place, parsed)
    }

    #[test]
    fn a_server_is_found_at_its_host_and_prefix() {
        for (text, base) in [
            ("http://127.0.0.1:7070", "http://127.0.0.1:7070"),
            ("https://ledger.example/", "https://ledger.example"),
            ("HTTPS://Ledger.example:443/team/a/", "https://ledger.example/team/a"),
            ("http://:s3cret@[::1]:7070/?pool=3", "http://[::1]:7070"),
        ] {
            let (place, parsed) = parsed(text);
            assert_eq!((place.base.as_str(), parsed.to_string().as_str()), (base, base), "{text}");
        }
        let (_, parsed) = parsed("http://h?pool=3&timeout_ms=20&poll_ms=5&mode=ro");
        assert_eq!((parsed.pool, parsed.timeout, parsed.mode), (3, Duration::from_millis(20), Some(Mode::ReadOnly)));
        assert_eq!(parsed.poll, Some(Duration::from_millis(5)));
    }

    #[test]
    fn a_token_is_read_wherever_people_write_it() {
        let written = |token: &str| Token::Written(token.to_owned());
        for (text, token) in [
            ("https://:s3cret%2F%40@h/", written("s3cret/@")),
            ("https://s3cret@h", written("s3cret")),
            ("https://me:s3cret@h", written("s3cret")),
            ("https://h?token_file=/run/token", Token::File(PathBuf::from("/run/token"))),
            ("https://h", Token::Environment),
        ] {
            assert_eq!(parsed(text).0.token, token, "{text}");
        }
    }

    #[test]
    fn a_bad_url_of_a_server_says_what_is_wrong_without_the_token() {
        for (text, says) in [
            ("http:h", "without `//`"),
            ("http://:s3cret@h:99999/", "does not parse"),
            ("http://:s3cret@", "does not parse"),
            ("https://:s3cret%FF@h", "not UTF-8"),
            ("https://to/s3cret@h", "percent-encode"),
            ("https://to\\s3cret@h", "percent-encode"),
            ("https://to#s3cret@h", "percent-encode"),
            ("https://to?s3cret@h", "percent-encode"),
            ("https://s3cret@h?token_file=/a", "keep one"),
            ("https://s3cret@h?token_file=", "without a path"),
            ("https://s3cret@h?schema=a", "`schema`"),
            ("https://s3cret@h?mode=x", "`x`"),
            ("http+unix://s3cret@h", "unknown scheme"),
        ] {
            let error = LedgerUrl::parse(text).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("s3cret"), "{text}: {error}");
        }
    }
}
