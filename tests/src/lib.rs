//! What the tests of the whole project share: the backends under test, opened as an application would.

pub mod places;
