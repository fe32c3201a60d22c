//! What the tests of the whole project share: the backends under test, load on them, a disk that is full, and a broken ledger.

pub mod disk;
pub mod faulty;
pub mod load;
pub mod places;
pub mod sql;
pub mod wire;
pub mod workers;
