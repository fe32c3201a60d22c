//! A payload is JSON kept as the text it came in, because a parsed number or a reordered key is another text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, Result, Shown};

/// JSON text, valid and bounded: 1 MiB at most, 120 levels deep at most, no lone surrogates.
///
/// What callers give is checked at once. What a ledger gives back was checked then, and is checked again where it is
/// read as a value or written out.
#[derive(Clone)]
pub struct Payload(Arc<str>);

impl Payload {
    /// The most bytes of one payload.
    pub const MAX_BYTES: usize = 1 << 20;
    /// The most levels of arrays and objects within each other: less than parsers refuse, so that every reader can read it.
    pub const MAX_DEPTH: usize = 120;

    /// Takes JSON text as it is, but for white space around it. Fails when it is not JSON, too large or too deep.
    pub fn from_json(text: &str) -> Result<Self> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        if text.len() > Self::MAX_BYTES {
            return Err(Error::invalid(
                "payload",
                format!(
                    "{} bytes: {} are the most; store large things elsewhere and record where",
                    text.len(),
                    Self::MAX_BYTES
                ),
            ));
        }
        serde_json::from_str::<&RawValue>(text)
            .map_err(|e| Error::invalid("payload", format!("{} is not JSON: {e}", Shown(text))))?;
        check_depth(text)?;
        check_surrogates(text)?;
        Ok(Self(Arc::from(text)))
    }

    /// Takes text that a backend reads back from where it was stored: it was checked before, and is not checked again.
    ///
    /// Whoever looks into the payload or writes it out checks it then, so text that was damaged on the way is an error there.
    #[must_use]
    pub fn from_store(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// Writes a value as JSON. Fails when it has no JSON form (a map with keys that are not text), or breaks a limit.
    ///
    /// NaN and infinities become `null`, as serde writes them.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let text = serde_json::to_string(value)
            .map_err(|e| Error::invalid("payload", format!("the value has no JSON form: {e}")))?;
        Self::from_json(&text)
    }

    /// Returns the JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the payload as a `T`. Fails when it has another shape.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.0)
            .map_err(|e| Error::invalid("payload", format!("{} does not fit: {e}", Shown(&self.0))))
    }

    /// Says whether both are the same JSON value: key order, white space and escapes don't matter, the text of numbers does.
    #[must_use]
    pub fn same_value(&self, other: &Self) -> bool {
        self.0 == other.0 || same_json(&self.0, &other.0)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Equal to the byte; `same_value` compares the meaning.
impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Payload {}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(|e| {
            serde::ser::Error::custom(format!("the payload {} was damaged and is not JSON: {e}", Shown(&self.0)))
        })?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::from_json(raw.get()).map_err(serde::de::Error::custom)
    }
}

fn check_depth(text: &str) -> Result<()> {
    // Counting openers is one cheap pass that clears nearly every payload; only the others are walked.
    let openers = text.bytes().filter(|b| matches!(b, b'[' | b'{')).count();
    if openers <= Payload::MAX_DEPTH {
        return Ok(());
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth -= 1,
            _ => {}
        }
        if depth > Payload::MAX_DEPTH {
            let why = format!("{} is more than {} levels deep: flatten it", Shown(text), Payload::MAX_DEPTH);
            return Err(Error::invalid("payload", why));
        }
    }
    Ok(())
}

/// Refuses `\ud800` and its like standing alone: no reader could turn it into text again.
fn check_surrogates(text: &str) -> Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at..];
        let Some(unit) = code_unit(escape) else {
            rest = &escape[2..];
            continue;
        };
        let low_follows = || code_unit(&escape[6..]).is_some_and(|next| (0xDC00..=0xDFFF).contains(&next));
        rest = match unit {
            0xD800..=0xDBFF if low_follows() => &escape[12..],
            0xD800..=0xDFFF => {
                let why = format!("lone surrogate `{}` in {}: escape characters in pairs", &escape[..6], Shown(text));
                return Err(Error::invalid("payload", why));
            }
            _ => &escape[6..],
        };
    }
    Ok(())
}

fn code_unit(escape: &str) -> Option<u16> {
    u16::from_str_radix(escape.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

fn same_json(left: &str, right: &str) -> bool {
    let (left, right) = (left.trim_ascii(), right.trim_ascii());
    match (left.as_bytes().first(), right.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => match (members(left), members(right)) {
            (Some(a), Some(b)) => {
                a.len() == b.len() && a.iter().zip(&b).all(|((k, v), (l, w))| k == l && same_json(v.get(), w.get()))
            }
            _ => false,
        },
        (Some(b'['), Some(b'[')) => match (items(left), items(right)) {
            (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(&b).all(|(v, w)| same_json(v.get(), w.get())),
            _ => false,
        },
        (Some(b'"'), Some(b'"')) => match (string(left), string(right)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
        _ => left == right,
    }
}

fn members(text: &str) -> Option<BTreeMap<Cow<'_, str>, &RawValue>> {
    serde_json::from_str(text).ok()
}

fn items(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn string(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(text: &str) -> Payload {
        Payload::from_json(text).unwrap()
    }

    #[test]
    fn text_is_kept_to_the_byte() {
        for text in
            [r#"{"b":1,"a":  2.50}"#, "9007199254740993", r#""\u0000 \ud83d\ude00""#, "[1e400]", "{\n \"a\": 1\n}"]
        {
            assert_eq!(payload(text).as_str(), text);
        }
    }

    #[test]
    fn values_are_compared_by_meaning_and_numbers_by_text() {
        assert!(payload(r#"{"a":1,"b":"é"}"#).same_value(&payload("{ \"b\" : \"\\u00e9\",\"a\":1 }")));
        assert!(!payload(r#"{"a":1}"#).same_value(&payload(r#"{"a":1.0}"#)));
        assert!(!payload("9007199254740993").same_value(&payload("9007199254740992")));
        assert!(!payload(r#"{"a":1}"#).same_value(&payload(r#"{"a":1,"b":null}"#)));
        assert!(!payload("[1,2]").same_value(&payload("[2,1]")));
        assert!(payload("[1, [2]]").same_value(&payload("[1,[2]]")));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for bad in
            ["", "{", "nul", "{'a':1}", "NaN", "1 2", "\"a\u{0}b\"", r#""\ud800""#, r#""\udc00x""#, r#""\ud800\n""#]
        {
            assert!(Payload::from_json(bad).is_err(), "{bad:?}");
        }
        assert!(Payload::from_json(r#""\\ud800""#).is_ok());
    }

    #[test]
    fn size_and_depth_have_limits() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(Payload::from_json(&deep(Payload::MAX_DEPTH)).unwrap().get::<serde_json::Value>().is_ok());
        assert!(Payload::from_json(&deep(Payload::MAX_DEPTH + 1)).is_err());
        assert!(Payload::from_json(&deep(500_000)).is_err());
        assert!(Payload::from_json(&format!("\"{}\"", "[".repeat(1000))).is_ok());
        assert!(Payload::from_json(&format!("\"{}\"", "x".repeat(Payload::MAX_BYTES))).is_err());
    }
}
