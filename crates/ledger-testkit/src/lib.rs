//! The laws every ledger backend keeps, as a library, and the engines that the tests run on.
pub mod engines;
