//! What is done to a domain: an action, what it is done to and where. What it means beyond that, only the domain knows.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, Result, Shown};
use crate::payload::Payload;

/// The most bytes of what an edit names.
const LONGEST: usize = 1_000;
/// How deep patches may stand in patches.
const DEEPEST: usize = 16;

/// What an edit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Removes the target.
    Delete,
    /// Makes the target, which was not there.
    Insert,
    /// Puts the target elsewhere.
    Move,
    /// Changes something of the target.
    Mutate,
    /// Does several edits as one.
    Patch,
    /// Gives the target a new content in place of all that it had.
    Replace,
}

impl Action {
    const ALL: [Self; 6] = [Self::Delete, Self::Insert, Self::Move, Self::Mutate, Self::Patch, Self::Replace];

    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Insert => "insert",
            Self::Move => "move",
            Self::Mutate => "mutate",
            Self::Patch => "patch",
            Self::Replace => "replace",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Action {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text).ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            Error::invalid("action", format!("{} is none of {words}", Shown(text)))
        })
    }
}

/// One edit of a domain.
///
/// ```
/// use ledger_core::views::session::Edit;
///
/// # fn main() -> ledger_core::Result<()> {
/// let edit = Edit::insert("p-7")?.at(3)?.payload(&serde_json::json!({"text": "Hello"}))?;
/// assert_eq!(serde_json::to_string(&edit).unwrap(), r#"{"op":"insert","target":"p-7","position":3,"payload":{"text":"Hello"}}"#);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    action: Action,
    target: Option<String>,
    within: Option<String>,
    position: Option<u64>,
    payload: Option<Payload>,
    children: Vec<Self>,
    /// What it was read from, when that is not what would be written.
    source: Option<Payload>,
    /// Whether that says something that is not read.
    says_more: bool,
}

impl Edit {
    /// Starts an edit that names nothing so far.
    #[must_use]
    pub fn new(action: Action) -> Self {
        let (children, source, says_more) = (Vec::new(), None, false);
        Self { action, target: None, within: None, position: None, payload: None, children, source, says_more }
    }

    /// Makes something. Fails when its name is empty or has more than 1,000 bytes; so do all that follow.
    pub fn insert(target: impl Into<String>) -> Result<Self> {
        Self::new(Action::Insert).target(target)
    }

    /// Removes something.
    pub fn delete(target: impl Into<String>) -> Result<Self> {
        Self::new(Action::Delete).target(target)
    }

    /// Puts something elsewhere.
    pub fn shift(target: impl Into<String>) -> Result<Self> {
        Self::new(Action::Move).target(target)
    }

    /// Gives something a new content.
    pub fn replace(target: impl Into<String>) -> Result<Self> {
        Self::new(Action::Replace).target(target)
    }

    /// Changes something.
    pub fn mutate(target: impl Into<String>) -> Result<Self> {
        Self::new(Action::Mutate).target(target)
    }

    /// Does several edits as one. Fails when patches stand in patches more than 16 deep.
    pub fn patch(children: impl IntoIterator<Item = Self>) -> Result<Self> {
        let patch = Self { children: children.into_iter().collect(), ..Self::new(Action::Patch) };
        if patch.depth() > DEEPEST {
            return Err(Error::invalid("patch", format!("patches stand more than {DEEPEST} deep in each other")));
        }
        Ok(patch)
    }

    /// Names what it is done to, by the domain's own name.
    pub fn target(mut self, target: impl Into<String>) -> Result<Self> {
        self.target = Some(named("target", target.into())?);
        Ok(self.changed())
    }

    /// Names the list whose places it counts, in a domain that has several.
    pub fn within(mut self, list: impl Into<String>) -> Result<Self> {
        self.within = Some(named("within", list.into())?);
        Ok(self.changed())
    }

    /// Says at which place of a list, from 0. Fails past 2^63 - 1.
    pub fn at(mut self, position: u64) -> Result<Self> {
        if i64::try_from(position).is_err() {
            return Err(Error::invalid("position", format!("`{position}` is past the largest, {}", i64::MAX)));
        }
        self.position = Some(position);
        Ok(self.changed())
    }

    /// Adds what only the domain understands. Fails when it is no JSON or too large.
    pub fn payload<T: Serialize + ?Sized>(mut self, payload: &T) -> Result<Self> {
        self.payload = Some(Payload::new(payload)?);
        Ok(self.changed())
    }

    /// Forgets what it was read from, which it is no more.
    fn changed(mut self) -> Self {
        (self.source, self.says_more) = (None, false);
        self
    }

    /// Returns what it does.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// Returns what it is done to.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// Returns the list whose places it counts, in a domain that has several.
    #[must_use]
    pub fn list(&self) -> Option<&str> {
        self.within.as_deref()
    }

    /// Returns the place in a list.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        self.position
    }

    /// Returns what only the domain understands, as it was given.
    #[must_use]
    pub fn content(&self) -> Option<&Payload> {
        self.payload.as_ref()
    }

    /// Returns the edits of a patch.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// Says whether it was written by a program that says more of it than is read here; so that it may do more.
    #[must_use]
    pub fn says_more(&self) -> bool {
        self.says_more || self.children.iter().any(Self::says_more)
    }

    fn depth(&self) -> usize {
        1 + self.children.iter().map(Self::depth).max().unwrap_or(0)
    }

    /// Reads an edit as its JSON says it, at some depth in patches.
    fn read(text: &str, depth: usize) -> Result<Self> {
        let bad = |why: String| Error::invalid("edit", why);
        if depth > DEEPEST {
            return Err(bad(format!("patches stand more than {DEEPEST} deep in each other")));
        }
        let parts: BTreeMap<String, &RawValue> =
            serde_json::from_str(text).map_err(|error| bad(format!("{}: {error}", Shown(text))))?;
        let (mut edit, mut known, mut more) = (Self::new(Action::Patch), true, false);
        let (mut action, mut words) = (None, Vec::new());
        for (name, value) in parts {
            let value = value.get();
            let text = |what: &'static str| -> Result<String> {
                let text =
                    serde_json::from_str(value).map_err(|_| bad(format!("{what} {} is no text", Shown(value))))?;
                named(what, text)
            };
            match name.as_str() {
                "payload" => edit.payload = Some(Payload::from_json(value)?),
                _ if value == "null" => known = false,
                "op" => action = Some(text("op")?.parse()?),
                "target" => edit.target = Some(text("target")?),
                "within" => edit.within = Some(text("within")?),
                // A place of another kind, which only the domain understands.
                "position" if value.starts_with(['{', '[', '"', 't', 'f']) => more = true,
                "position" => {
                    let place =
                        value.parse().map_err(|_| bad(format!("position {} is no number from 0 on", Shown(value))));
                    edit = edit.at(place?)?;
                }
                "children" => {
                    let children: Vec<&RawValue> = serde_json::from_str(value)
                        .map_err(|_| bad(format!("children {} are no list", Shown(value))))?;
                    let children = children.iter().map(|child| Self::read(child.get(), depth + 1));
                    edit.children = children.collect::<Result<_>>()?;
                }
                // Another program's word for the same, or for something else.
                "type" | "op_type" | "action" => {
                    known = false;
                    words.push(text("op").ok().and_then(|word| word.parse::<Action>().ok()));
                }
                _ => more = true,
            }
        }
        let action = action.or_else(|| words.iter().flatten().next().copied());
        more |= words.iter().any(|word| *word != action);
        edit.action = action.ok_or_else(|| bad(format!("{} does not say its `op`", Shown(text))))?;
        if edit.action != Action::Patch && !edit.children.is_empty() {
            return Err(bad(format!("a {} has no children: a patch has", edit.action)));
        }
        edit.says_more = more;
        if more || !known {
            edit.source = Some(Payload::from_json(text)?);
        }
        Ok(edit)
    }
}

fn named(what: &'static str, text: String) -> Result<String> {
    match text.len() {
        0 => Err(Error::invalid(what, format!("is empty: give 1 to {LONGEST} bytes"))),
        1..=LONGEST => Ok(text),
        length => Err(Error::invalid(what, format!("{} has {length} bytes: {LONGEST} are the most", Shown(&text)))),
    }
}

impl FromStr for Edit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text, 1)
    }
}

impl Serialize for Edit {
    /// Writes what it was read from, if that says more.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(source) = &self.source {
            return source.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("op", self.action.as_str())?;
        self.target.iter().try_for_each(|target| map.serialize_entry("target", target))?;
        self.within.iter().try_for_each(|list| map.serialize_entry("within", list))?;
        self.position.iter().try_for_each(|position| map.serialize_entry("position", position))?;
        self.payload.iter().try_for_each(|payload| map.serialize_entry("payload", payload))?;
        if !self.children.is_empty() {
            map.serialize_entry("children", &self.children)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Edit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not borrowed: a reader, or a value, has nothing to borrow from.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        raw.get().parse().map_err(serde::de::Error::custom)
    }
}

/// An edit as people read it: `insert p-7 at 3`.
impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action.as_str())?;
        self.target.iter().try_for_each(|target| write!(f, " {target}"))?;
        self.within.iter().try_for_each(|list| write!(f, " in {list}"))?;
        self.position.iter().try_for_each(|position| write!(f, " at {position}"))?;
        match self.children.len() {
            0 => Ok(()),
            1 => f.write_str(" of 1 edit"),
            many => write!(f, " of {many} edits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(edit: &Edit) -> String {
        serde_json::to_string(edit).unwrap()
    }

    #[test]
    fn an_edit_is_read_as_it_was_written_and_its_payload_to_the_byte() {
        let payload = Payload::from_json(r#"{"b": 1.50, "a": 9007199254740993}"#).unwrap();
        let child = Edit::mutate("p").unwrap().payload(&payload).unwrap();
        let patch = Edit::patch([child, Edit::delete("q").unwrap()]).unwrap();
        for edit in [
            Edit::insert("ä\n").unwrap().within("list").unwrap().at(0).unwrap(),
            Edit::replace("p").unwrap().payload(&payload).unwrap(),
            Edit::new(Action::Move).at(7).unwrap(),
            patch,
        ] {
            assert_eq!(written(&edit).parse::<Edit>().unwrap(), edit);
            assert_eq!(serde_json::from_str::<Edit>(&written(&edit)).unwrap(), edit);
        }
        let replaced = Edit::replace("p").unwrap().payload(&payload).unwrap();
        assert_eq!(replaced.content().unwrap().as_str(), payload.as_str());
    }

    #[test]
    fn what_an_edit_of_another_program_says_beyond_is_kept() {
        let text = r#"{"type":"insert","target":"p","index":4,"style":{"bold":true},"within":null}"#;
        let edit: Edit = text.parse().unwrap();
        assert_eq!((edit.action(), edit.named(), edit.list()), (Action::Insert, Some("p"), None));
        assert!(edit.says_more() && Edit::patch([edit.clone()]).unwrap().says_more());
        assert_eq!(written(&edit), text);
        let place: Edit = r#"{"op":"move","target":"p","position":{"x":1.50}}"#.parse().unwrap();
        assert!(place.says_more() && place.position().is_none());
        // A word that is a synonym elsewhere says something of its own here.
        let styled: Edit = r#"{"op":"replace","target":"p","type":"style"}"#.parse().unwrap();
        assert!(styled.says_more() && styled.action() == Action::Replace);
        assert!(!r#"{"op_type":"delete","type":"delete"}"#.parse::<Edit>().unwrap().says_more());
        // What is changed is what is written.
        assert_eq!(written(&edit.at(9).unwrap()), r#"{"op":"insert","target":"p","position":9}"#);
        let null = Edit::insert("p").unwrap().payload(&()).unwrap();
        assert_eq!(written(&null).parse::<Edit>().unwrap(), null);
        let value: serde_json::Value = serde_json::from_str(&written(&null)).unwrap();
        assert_eq!(serde_json::from_value::<Edit>(value).unwrap(), null);
    }

    #[test]
    fn what_is_no_edit_is_refused_with_what_is_wrong() {
        let deep = (0..40)
            .fold(r#"{"op":"patch"}"#.to_owned(), |inner, _| format!(r#"{{"op":"patch","children":[{inner}]}}"#));
        for (text, says) in [
            ("[]", "[]"),
            ("{}", "`op`"),
            (r#"{"op":"drop"}"#, "`drop` is none of"),
            (r#"{"op":"insert","target":""}"#, "empty"),
            (r#"{"op":"insert","target":7}"#, "`7` is no text"),
            (r#"{"op":"insert","position":-1}"#, "`-1`"),
            (r#"{"op":"insert","children":[{"op":"delete"}]}"#, "a patch has"),
            (r#"{"op":"patch","children":{}}"#, "`{}` are no list"),
            (&deep, "16 deep"),
        ] {
            let error = text.parse::<Edit>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!(Edit::insert("x".repeat(1_001)).unwrap_err().to_string().contains("1001 bytes"));
        assert!(Edit::insert("p").unwrap().at(u64::MAX).is_err());
    }
}
