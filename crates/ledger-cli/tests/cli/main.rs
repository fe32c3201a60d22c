//! Runs the built binary as a person or a script does: its outputs to the byte, its exit codes, and what it leaves behind.

#![expect(clippy::unwrap_used, reason = "what cannot be done in a test fails it")]

mod admin;
mod append;
mod artifacts;
mod copies;
mod demo;
mod hostile;
mod import;
mod import_bad;
mod lineage;
mod live;
mod metrics;
mod ops;
mod proxy;
mod read;
mod remove;
mod retention;
mod sample;
mod secrets;
mod serve;
mod servers;
mod sessions;
mod support;
mod token;
mod traces;
mod views;
