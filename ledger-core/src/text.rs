//! Words that carry their rules: a value of these types is valid, so no later code checks it again.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result, Shown};

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Builds one from text. Fails when the text breaks the rule above.
            pub fn new(text: impl AsRef<str>) -> Result<Self> {
                let text = text.as_ref();
                match $check(text) {
                    Ok(()) => Ok(Self(Arc::from(text))),
                    Err(why) => Err(Error::invalid($what, format!("{} {why}", Shown(text)))),
                }
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = Error;
            fn try_from(text: &str) -> Result<Self> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                Self::new(text)
            }
        }

        impl TryFrom<&String> for $name {
            type Error = Error;
            fn try_from(text: &String) -> Result<Self> {
                Self::new(text)
            }
        }

        impl From<&$name> for $name {
            fn from(value: &$name) -> Self {
                value.clone()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

text_type!(
    /// An event's id, given by the caller: 1 to 64 bytes without control characters. It is the idempotency key.
    EventId, "id", |text: &str| word(text, 64)
);
text_type!(
    /// The run an event belongs to: 1 to 200 bytes without control characters.
    RunId, "run id", |text: &str| word(text, 200)
);
text_type!(
    /// Who did it: 1 to 200 bytes without control characters.
    Actor, "actor", |text: &str| word(text, 200)
);
text_type!(
    /// The causal session an event belongs to: 1 to 200 bytes without control characters.
    SessionId, "session id", |text: &str| word(text, 200)
);
text_type!(
    /// What the edits of a session are about, such as a document or a canvas: 1 to 200 bytes without control characters.
    Domain, "domain", |text: &str| word(text, 200)
);
text_type!(
    /// The profile a model ran under: 1 to 200 bytes without control characters.
    ModelProfile, "model profile", |text: &str| word(text, 200)
);
text_type!(
    /// The model that acted: 1 to 200 bytes without control characters.
    ModelId, "model id", |text: &str| word(text, 200)
);
text_type!(
    /// What happened: dotted lower-case words, at least two, 128 bytes at most, such as `run.started`.
    Kind, "kind", kind
);
text_type!(
    /// A `key:value` word that queries and conditions find events by, such as `job:99` or `table:a/b`.
    ///
    /// The key is lower-case letters, digits, `_`, `-` and `.`; the value is 1 byte or more of anything but NUL;
    /// both together are 1,024 bytes at most.
    Tag, "tag", tag
);
text_type!(
    /// Something that operations read and write, such as a table, a file or a model: 1 to 1,000 bytes of anything but NUL.
    Artifact, "artifact", name
);
text_type!(
    /// A job that operations belong to: 1 to 1,000 bytes of anything but NUL.
    Job, "job", name
);
text_type!(
    /// A part of a job: 1 to 1,000 bytes of anything but NUL.
    Task, "task", name
);

impl EventId {
    /// Returns a fresh id, a UUIDv7, so that ids made later sort later and indexes stay dense.
    #[must_use]
    pub fn fresh() -> Self {
        let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
        Self(Arc::from(&*uuid::Uuid::now_v7().hyphenated().encode_lower(&mut buffer)))
    }
}

impl Tag {
    /// Builds `key:value`. Fails when either breaks the rule above.
    pub fn pair(key: &str, value: &str) -> Result<Self> {
        if key.contains(':') {
            return Err(Error::invalid("tag", format!("key {} must not contain a colon", Shown(key))));
        }
        Self::new(format!("{key}:{value}"))
    }

    /// Returns what stands before the first colon.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.split_once(':').map_or("", |(key, _)| key)
    }

    /// Returns what stands after the first colon.
    #[must_use]
    pub fn value(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, value)| value)
    }
}

fn word(text: &str, longest: usize) -> Result<(), String> {
    if text.is_empty() {
        return Err(format!("is empty: give 1 to {longest} bytes"));
    }
    if text.len() > longest {
        return Err(format!("has {} bytes: {longest} are the most", text.len()));
    }
    // Nearly every word is plain ASCII, and a look at all bytes, many at a time, is cheaper than to stop at the first other.
    if text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    match text.chars().find(|c| c.is_control()) {
        Some(c) => Err(format!("contains the control character {}: leave it out", c.escape_default())),
        None => Ok(()),
    }
}

/// What can stand as the value of a tag, whatever it is made of.
fn name(text: &str) -> Result<(), String> {
    const LONGEST: usize = 1_000;
    if text.is_empty() {
        return Err(format!("is empty: give 1 to {LONGEST} bytes"));
    }
    if text.len() > LONGEST {
        return Err(format!("has {} bytes: {LONGEST} are the most", text.len()));
    }
    if text.contains('\0') {
        return Err("contains NUL: leave it out".to_owned());
    }
    Ok(())
}

fn kind(text: &str) -> Result<(), String> {
    const LONGEST: usize = 128;
    if text.len() > LONGEST {
        return Err(format!("has {} bytes: {LONGEST} are the most", text.len()));
    }
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
    };
    if text.contains('.') && text.split('.').all(part) {
        return Ok(());
    }
    Err("is not dotted lower case: write two words or more, such as `run.started`".to_owned())
}

fn tag(text: &str) -> Result<(), String> {
    const LONGEST: usize = 1024;
    if text.len() > LONGEST {
        return Err(format!("has {} bytes: {LONGEST} are the most", text.len()));
    }
    let Some((key, value)) = text.split_once(':') else {
        return Err("has no colon: write `key:value`".to_owned());
    };
    if key.is_empty() || !key.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.')) {
        return Err("has a bad key: use lower-case letters, digits, `_`, `-` and `.` before the colon".to_owned());
    }
    if value.is_empty() {
        return Err("has no value: write `key:value`".to_owned());
    }
    if value.contains('\0') {
        return Err("contains NUL: leave it out".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_dotted_lower_case_of_two_words_or_more() {
        for good in ["run.started", "a.b.c", "operation.finished_2", "x-y.z1"] {
            assert!(Kind::new(good).is_ok(), "{good}");
        }
        for bad in ["", "nodot", "Bad.Kind", "trailing.", ".leading", "a..b", "a b.c", "a.é", "a._x"] {
            let error = Kind::new(bad).unwrap_err().to_string();
            assert!(error.contains(&format!("`{bad}`")) && error.contains("run.started"), "{error}");
        }
    }

    #[test]
    fn an_id_has_one_to_64_bytes_without_control_characters() {
        assert!(EventId::new("x".repeat(64)).is_ok());
        assert!(EventId::new("x".repeat(65)).unwrap_err().to_string().contains("has 65 bytes: 64"));
        assert!(EventId::new("").is_err());
        assert!(EventId::new("a\0b").is_err());
        assert!(EventId::new("ü".repeat(33)).is_err());
    }

    #[test]
    fn a_tag_is_a_key_and_a_value() {
        let tag = Tag::new("reads:a:b\nc'--").unwrap();
        assert_eq!((tag.key(), tag.value()), ("reads", "a:b\nc'--"));
        for bad in ["nocolon", ":x", "k:", "K:v", "a b:c", "k:\0"] {
            assert!(Tag::new(bad).is_err(), "{bad:?}");
        }
        assert!(Tag::pair("a:b", "c").is_err());
    }

    #[test]
    fn fresh_ids_sort_by_age() {
        let ids: Vec<EventId> = (0..1000).map(|_| EventId::fresh()).collect();
        assert!(ids.is_sorted());
    }
}
