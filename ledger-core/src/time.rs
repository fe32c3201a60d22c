//! Time as the ledger keeps it: an instant in UTC with microseconds, because that is what every engine stores exactly.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result, Shown};

/// An instant in UTC, to the microsecond, between the years 1 and 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 0001-01-01T00:00:00Z, in microseconds since 1970.
const EARLIEST_MICROS: i64 = -62_135_596_800_000_000;
/// 9999-12-30T22:00:00Z, in microseconds since 1970: the last hour that every time zone can still name.
const LATEST_MICROS: i64 = 253_402_207_200_000_000;

impl Timestamp {
    /// The start of 1970.
    pub const EPOCH: Self = Self(0);
    /// The last instant there is.
    pub const MAX: Self = Self(LATEST_MICROS);
    /// The earliest instant.
    pub const MIN: Self = Self(EARLIEST_MICROS);

    /// Returns the present instant.
    #[must_use]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// Builds an instant from microseconds since 1970. Fails outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self> {
        if (EARLIEST_MICROS..=LATEST_MICROS).contains(&micros) {
            return Ok(Self(micros));
        }
        Err(Error::invalid("time", format!("`{micros}` µs since 1970 lies outside the years 1 to 9999")))
    }

    /// Returns the microseconds since 1970.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_microsecond(self.0).expect("the range was checked when it was built");
        write!(f, "{instant:.6}")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Reads RFC 3339 with any offset; what is finer than a microsecond is cut.
    fn from_str(text: &str) -> Result<Self> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| {
            Error::invalid(
                "time",
                format!("{} is not RFC 3339 with an offset: write `2026-01-31T12:00:00Z` or `…+02:00`", Shown(text)),
            )
        })?;
        Self::from_micros(instant.as_microsecond())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_moves_the_wall_clock_and_not_the_instant() {
        let there: Timestamp = "2026-03-01T02:00:00.123456789+02:00".parse().unwrap();
        assert_eq!(there.to_string(), "2026-03-01T00:00:00.123456Z");
        assert_eq!(there, there.to_string().parse().unwrap());
    }

    #[test]
    fn the_ends_of_the_range_print_and_parse_and_beyond_them_is_refused() {
        for micros in [EARLIEST_MICROS, LATEST_MICROS, -1, 0, 1] {
            let time = Timestamp::from_micros(micros).unwrap();
            assert_eq!(time, time.to_string().parse().unwrap(), "{time}");
        }
        assert!(Timestamp::from_micros(EARLIEST_MICROS - 1).is_err());
        assert!(Timestamp::from_micros(LATEST_MICROS + 1).is_err());
        for bad in ["", "yesterday", "2026-03-01", "2026-03-01T00:00:00", "2026-13-01T00:00:00Z"] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }
}
