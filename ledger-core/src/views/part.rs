//! A part of a name, because people know names by halves.

use std::str::FromStr;

use crate::error::{Error, Result};

/// A part of a name, in whatever case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePart(String);

impl NamePart {
    /// The most bytes of one: no name has more.
    pub const MAX_BYTES: usize = 1_000;

    /// Says whether a name has it.
    #[must_use]
    pub fn is_in(&self, name: &str) -> bool {
        name.to_lowercase().contains(&self.0)
    }
}

impl FromStr for NamePart {
    type Err = Error;

    /// Reads any text. Fails when it is longer than names are.
    fn from_str(text: &str) -> Result<Self> {
        if text.len() > Self::MAX_BYTES {
            let why = format!("`{}` bytes: a part of a name has {} at most", text.len(), Self::MAX_BYTES);
            return Err(Error::invalid("part", why));
        }
        Ok(Self(text.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_anywhere_and_in_any_case() {
        let part = |text: &str| text.parse::<NamePart>().unwrap();
        assert!(part("ORDERS").is_in("in/orders_7") && part("Ünï").is_in("ÜNÏcode/表") && part("").is_in("x"));
        assert!(!part("order_").is_in("in/orders_7") && !part("a.b").is_in("axb"));
        assert!("x".repeat(1_001).parse::<NamePart>().is_err());
    }
}
