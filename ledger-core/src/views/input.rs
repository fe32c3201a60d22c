//! What operations are given: artifacts that they read, and plain values.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::payload::Payload;
use crate::text::Artifact;

use super::named::Named;

/// What an operation was given under one name: something it read, or a plain value. One is never taken for the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// It read this.
    Artifact(Artifact),
    /// It was given this, which no lineage leads to.
    Value(Payload),
}

impl Input {
    /// Returns the artifact, unless it is a plain value.
    #[must_use]
    pub fn artifact(&self) -> Option<&Artifact> {
        match self {
            Self::Artifact(artifact) => Some(artifact),
            Self::Value(_) => None,
        }
    }

    /// Takes anything that has a JSON form as a plain value. Fails when it has none.
    pub fn value<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        Payload::new(value).map(Self::Value)
    }
}

impl From<Artifact> for Input {
    fn from(artifact: Artifact) -> Self {
        Self::Artifact(artifact)
    }
}

impl From<&Artifact> for Input {
    fn from(artifact: &Artifact) -> Self {
        Self::Artifact(artifact.clone())
    }
}

macro_rules! plain_values {
    ($($type:ty),*) => {$(
        impl TryFrom<$type> for Input {
            type Error = Error;
            /// Takes a plain value. Text is one, too: what was read has a type of its own.
            fn try_from(value: $type) -> Result<Self> {
                Self::value(&value)
            }
        }
    )*};
}

plain_values!(bool, i32, i64, u32, u64, usize, f64, &str, String);

/// Named inputs, in the order they were given.
pub type Inputs = Named<Input>;

impl Inputs {
    /// Returns what was read, in the order it was given; twice what has two names.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        self.iter().filter_map(|(_, input)| input.artifact())
    }
}
