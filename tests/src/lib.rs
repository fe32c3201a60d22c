//! What the tests of the whole project share: the backends under test, load on them, and a disk that is full.

pub mod disk;
pub mod load;
pub mod places;
pub mod sql;
pub mod wire;
pub mod workers;
